import { Listr, type ListrRendererFactory, type ListrTaskWrapper } from 'listr2';
import pc from 'picocolors';
import { seconds } from './night-view.js';

/** One thing that is being started or loaded, and what it is for. */
export interface Part {
  name: string;
  why: string;
}

export interface Board {
  /** The part works; `detail` says what it is. */
  ready(name: string, detail: string): void;
  /** What it is at, shown on a terminal as long as it is at it. */
  doing(name: string, what: string): void;
  /** A thing that happened on the way; stays. */
  note(line: string): void;
}

type Task = ListrTaskWrapper<unknown, ListrRendererFactory, ListrRendererFactory>;
const NAME_WIDTH = 9;

/**
 * Shows parts while `work` brings them up: on a terminal all at once, each with a spinner and what it is for; in a pipe one
 * line when one is there. Ends when `work` does, with what it gives or throws.
 */
export async function showParts<T>(
  parts: Part[],
  work: (board: Board) => Promise<T>,
  out: { isTTY?: boolean; write(text: string): unknown } = process.stdout,
): Promise<T> {
  return out.isTTY ? onTerminal(parts, work, out) : inPipe(work, out);
}

const line = (name: string, ms: number, detail: string) =>
  `${name.padEnd(NAME_WIDTH)}${seconds(ms)}  ${detail}`;

async function inPipe<T>(
  work: (board: Board) => Promise<T>,
  out: { write(text: string): unknown },
): Promise<T> {
  const began = performance.now();
  return work({
    ready: (name, detail) => void out.write(`  ${line(name, performance.now() - began, detail)}\n`),
    doing: () => undefined,
    note: (text) => void out.write(`  ${text}\n`),
  });
}

async function onTerminal<T>(
  parts: Part[],
  work: (board: Board) => Promise<T>,
  out: { write(text: string): unknown },
): Promise<T> {
  const began = performance.now();
  const waiting = new Map<
    string,
    { task?: Task; end: (detail: string | null) => void; ended: Promise<string | null> }
  >();
  for (const { name } of parts) {
    let end: (detail: string | null) => void = () => undefined;
    const ended = new Promise<string | null>((resolve) => (end = resolve));
    waiting.set(name, { end, ended });
  }
  const notes: string[] = [];
  const list = new Listr(
    parts.map(({ name, why }) => ({
      title: name.padEnd(NAME_WIDTH) + pc.dim(why),
      task: async (_: unknown, task: Task) => {
        const part = waiting.get(name);
        if (part === undefined) return;
        part.task = task;
        const detail = await part.ended;
        if (detail === null) task.skip(`${name.padEnd(NAME_WIDTH)}${pc.dim('stopped')}`);
        else task.title = line(name, performance.now() - began, detail);
      },
    })),
    {
      concurrent: true,
      exitOnError: false,
      registerSignalListeners: false, // it would end the process at Ctrl-C, and leave our servers behind
      rendererOptions: { collapseSkips: false },
    },
  );
  const shown = list.run();
  try {
    return await work({
      ready: (name, detail) => waiting.get(name)?.end(detail),
      doing: (name, what) => {
        const task = waiting.get(name)?.task;
        if (task !== undefined) task.output = what;
      },
      note: (text) => void notes.push(text),
    });
  } finally {
    for (const { end } of waiting.values()) end(null); // those that are there already have ended
    await shown;
    for (const text of notes) out.write(`  ${pc.dim(text)}\n`);
  }
}
