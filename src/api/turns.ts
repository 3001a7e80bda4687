import { setImmediate } from 'node:timers/promises';

/**
 * Resolves when it is one's turn, in the order of asking and once per round of the event loop: between two pieces of work of
 * milliseconds, what takes microseconds is served.
 */
export function createTurns(): () => Promise<void> {
  let last: Promise<void> = Promise.resolve();
  return function turn() {
    return (last = last.then(() => setImmediate()));
  };
}
