import type { PackedList } from '../activities/deps.js';
import type { ServedLists, ServingStore } from './deps.js';

/** Lists kept of one release, some 8 kB each; the one made first goes first. */
const CAPACITY = 5000;

/** Serving in which a list that was made since stands before the released one. */
export interface RefreshedServing extends ServingStore {
  /** Serves this list to the viewer as long as `lists` is what is served. */
  put(lists: ServedLists, pid: string, list: PackedList): void;
  /** The list that the release itself has, whatever was made since; null as well when `lists` is no longer what is served. */
  released(lists: ServedLists, pid: string): PackedList | null;
}

/**
 * In the memory of this process, and gone with the release that the lists were made by: another process, and a restart, serve
 * the released list until they are asked to refresh.
 */
export function withRefreshedLists(serving: ServingStore): RefreshedServing {
  let of: ServedLists | null = null;
  let over: ServedLists | null = null;
  let made = new Map<string, PackedList>();
  const overlaid = (lists: ServedLists): ServedLists => ({
    ...lists,
    get: (pid) => made.get(pid) ?? lists.get(pid),
    peek: (pid) => made.get(pid) ?? lists.peek(pid),
  });
  const current = (): ServedLists | null => {
    const lists = serving.lists();
    if (lists !== of) {
      of = lists;
      made = new Map();
      over = lists === null ? null : overlaid(lists);
    }
    return over;
  };
  return {
    formula: () => serving.formula(),
    lists: current,
    released: (lists, pid) => (current() === lists ? (of?.get(pid) ?? null) : null),
    put(lists, pid, list) {
      if (current() !== lists) return;
      made.delete(pid);
      made.set(pid, list);
      const [first] = made.keys();
      if (made.size > CAPACITY && first !== undefined) made.delete(first);
    },
  };
}
