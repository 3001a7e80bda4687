import { openSync } from 'node:fs';
import { destination } from 'pino';
import type { LogDestination } from '../api/deps.js';

const PIECE = 32_768;
const WAIT_MS = 1000;

/**
 * Lines wait in memory until there are 32 KB of them or a second has passed: one write per request would cost as much as
 * the request. They wait here and not in the destination, which measures all that waits again with every line.
 */
export function bufferedLog(dest: string | number): LogDestination & { close(): void } {
  // Opened here, so that what is said before the first turn of the event loop can be written, too.
  const sink = destination({
    dest: typeof dest === 'string' ? openSync(dest, 'a') : dest,
    sync: false,
    // Less than a piece is kept for flush: a write that is under way is one that `flushSync` does not wait for.
    minLength: PIECE,
    maxWrite: 2 * PIECE,
  });
  let waiting = '';
  let isClosed = false;
  const pass = () => {
    if (waiting !== '') sink.write(waiting);
    waiting = '';
  };
  const timer = setInterval(() => {
    pass();
    sink.flush();
  }, WAIT_MS).unref();
  const finish = () => {
    pass();
    sink.flushSync();
  };
  process.once('exit', finish); // a process that ends without `close` has said what it did all the same
  return {
    write(line) {
      // Requests under way may end after the log: what they say is not lost, though it stands elsewhere.
      if (isClosed) return void process.stderr.write(line);
      waiting += line;
      if (waiting.length >= PIECE) pass();
    },
    close() {
      if (isClosed) return;
      isClosed = true;
      clearInterval(timer);
      process.removeListener('exit', finish);
      finish();
      sink.end();
    },
  };
}
