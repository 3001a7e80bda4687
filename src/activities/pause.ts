import { setImmediate } from 'node:timers/promises';

/** Lets timers and messages have a turn, heartbeats among them, between two pieces of long work on the event loop. */
export const pause = (): Promise<void> => setImmediate();

/** Entries between two turns: some milliseconds of work on a viewer's lists. */
const ENTRIES_PER_TURN = 4096;

/** Films of a wide model, thousands of numbers each, between two turns. */
export const FILMS_PER_TURN = 64;

/** `list.map(each)`, with a turn of the event loop now and then. */
export async function mapInTurns<T, R>(
  list: readonly T[],
  each: (entry: T, index: number) => R,
): Promise<R[]> {
  const found: R[] = [];
  for (const [index, entry] of list.entries()) {
    if (index % ENTRIES_PER_TURN === 0) await pause();
    found.push(each(entry, index));
  }
  return found;
}
