import type { ActivityDeps, ViewerList } from '../deps.js';
import {
  createListReading,
  type ListTables,
  openListViews,
  prepareLists,
  publishableLists,
  readFilms,
} from '../publish-lists.js';
import type { ReleaseManifest, WorkDone } from '../../contracts/index.js';
import type { Remade } from './remade.js';

const NAMED = 5;

/** Lists as publishing would pack them, by hash and, where that differs, one by one against the stored ones. */
export async function compareLists(
  {
    warehouse,
    artifacts,
    releases,
    config,
  }: Pick<ActivityDeps, 'warehouse' | 'artifacts' | 'releases' | 'config'>,
  { releaseId, contentSha256, counts }: ReleaseManifest,
  tables: ListTables,
  say: (work: WorkDone) => void,
): Promise<Remade> {
  const reader = await releases.readLists(releaseId);
  const hash = reader.hashing();
  const first: string[] = [];
  let [done, differing, reordered, unjudged] = [0, 0, 0, 0];
  try {
    await warehouse.session(async (session) => {
      await openListViews(artifacts, session, tables);
      const toList = createListReading(await readFilms(session), config.ages);
      await prepareLists(session);
      for await (const list of publishableLists(session, toList)) {
        hash.put(list);
        const stored = reader.get(list.pid);
        if (!isSameOrder(stored, list)) {
          if (isPersonal(stored) || isPersonal(list)) reordered++;
          else unjudged++;
        }
        const says = differenceOf(stored, list);
        if (says !== null && ++differing <= NAMED) first.push(`viewer ${list.pid}: ${says}`);
        say({ step: 'lists', done: ++done, of: counts.viewers, unit: 'lists' });
      }
    });
  } finally {
    await reader.close();
  }
  const seen = hash.sha256();
  const number = done === counts.viewers ? [] : [`${done} lists, the release has ${counts.viewers}`];
  const more = differing > first.length ? [`${differing} of ${done} lists differ`] : [];
  return {
    what: 'lists',
    same: counts.viewers === 0 ? done === 0 : seen === contentSha256,
    expected: contentSha256,
    seen,
    differences: [...number, ...first, ...more],
    sameOrder: done === counts.viewers && reordered === 0,
    unjudged,
  };
}

/** Reasons and titles may be worded anew; who is answered how, and by which films in which order, is the model's. */
function isSameOrder(a: ViewerList | null, b: ViewerList): boolean {
  if (a === null || a.servedBy !== b.servedBy || a.items.length !== b.items.length) return false;
  return a.items.every(
    ({ filmId, score }, n) => filmId === b.items[n]!.filmId && score === b.items[n]!.score,
  );
}

/** The others are the formula's, or empty: no model makes them, and no gate judges them. */
const isPersonal = (list: ViewerList | null): boolean => list?.servedBy === 'personal';

/** The first place of a list that is another one; null = the same list. */
function differenceOf(stored: ViewerList | null, made: ViewerList): string | null {
  if (stored === null) return 'has no list in the release';
  if (JSON.stringify(stored) === JSON.stringify(made)) return null;
  if (stored.servedBy !== made.servedBy) return `served by ${stored.servedBy} then, ${made.servedBy} now`;
  for (let n = 0; n < Math.max(stored.items.length, made.items.length); n++) {
    const [a, b] = [stored.items[n], made.items[n]];
    if (JSON.stringify(a) === JSON.stringify(b)) continue;
    const named = (item: typeof a) =>
      item === undefined ? 'nothing' : `film ${item.filmId} (${item.score})`;
    return `place ${n + 1}: ${named(a)} then, ${named(b)} now`;
  }
  return 'its history, age limit or market differs';
}
