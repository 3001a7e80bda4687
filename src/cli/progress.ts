import type { WorkDone } from '../contracts/night.js';
import { bar } from './night-view.js';

/** Progress goes to stderr: one changing line on a terminal, one line per new step elsewhere. */
export function createProgress() {
  const { stderr } = process;
  let step: string | undefined;
  let since = performance.now();
  const say = (text: string) => {
    if (stderr.isTTY) stderr.write(`\r\u001b[K${text}`);
    else if (!text.endsWith('%')) stderr.write(`${text}\n`);
  };
  return {
    say,
    /** Work that can be counted, as a bar. */
    work: (work: WorkDone): void => {
      const isNew = work.step !== step;
      if (isNew) since = performance.now();
      step = work.step;
      if (stderr.isTTY) say(bar(work, performance.now() - since));
      else if (isNew && step !== undefined) stderr.write(`${step}\n`);
    },
    clear: (): void => {
      if (stderr.isTTY) stderr.write('\r\u001b[K');
    },
  };
}
