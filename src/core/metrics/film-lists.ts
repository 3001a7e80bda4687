import { sharedInt32 } from '../als/cells.js';

/** Lists of films per viewer, in shared memory: viewer u has film[start[u]] … film[start[u+1]−1], ascending. */
export interface FilmLists {
  start: Int32Array;
  film: Int32Array;
}

export function listOf({ start, film }: FilmLists, viewer: number): Int32Array {
  return film.subarray(start[viewer]!, start[viewer + 1]!);
}

export function packLists(lists: readonly ArrayLike<number>[]): FilmLists {
  const start = sharedInt32(lists.length + 1);
  lists.forEach((list, n) => {
    start[n + 1] = start[n]! + list.length;
  });
  const film = sharedInt32(start[lists.length]!);
  lists.forEach((list, n) => film.set(list, start[n]));
  return { start, film };
}

/** One list per viewer from pairs that are sorted by (viewer, film). */
export function groupSorted(viewers: number, viewer: Int32Array, film: Int32Array): FilmLists {
  const start = sharedInt32(viewers + 1);
  for (const v of viewer) start[v + 1]!++;
  for (let v = 0; v < viewers; v++) start[v + 1]! += start[v]!;
  return { start, film };
}
