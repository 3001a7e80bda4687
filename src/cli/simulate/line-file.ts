import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';

/** A text file written line by line, at the disk's pace: lines wait in memory only until the next `flush`. */
export interface LineFile {
  add(line: string): void;
  /** Hands waiting lines to the disk and waits while it is behind. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

export function openLineFile(path: string): LineFile {
  const file = createWriteStream(path);
  const done = finished(file);
  // A disk that is full between two flushes must not end the process: the next flush says so.
  done.catch(() => undefined);
  let waiting: string[] = [];
  const flush = async () => {
    if (waiting.length === 0) return;
    const text = `${waiting.join('\n')}\n`;
    waiting = [];
    // A file that fails never drains: its error ends the wait too.
    if (!file.write(text)) await Promise.race([once(file, 'drain'), done]);
  };
  return {
    add: (line) => void waiting.push(line),
    flush,
    async close() {
      await flush();
      file.end();
      await done;
    },
  };
}
