import { createHash } from 'node:crypto';
import type { ExclusionKind } from '../contracts/exclusions.js';
import type { ApiDeps } from './deps.js';
import { within } from './within.js';

/** What one viewer wants left out. */
export interface Wishes {
  /** Films not to be shown. */
  hidden: ReadonlySet<string>;
  /** Films that no reason may cite. */
  uncited: ReadonlySet<string>;
  /** Equal wishes have equal tags. */
  tag: string;
}

export interface Exclusions {
  /** Resolves when what other processes stored is known here; undefined when it is already. */
  whenFresh(): Promise<void> | undefined;
  /** Wishes that the served lists may not know yet; undefined = none. */
  recent(userId: string): Wishes | undefined;
  /** All wishes of a viewer, for pages that no night has filtered. With the store down, the recent ones. */
  all(userId: string): Promise<Wishes | undefined>;
  /** Stores a wish, or takes it back, and heeds it here from now on. null = no such profile. */
  say(userId: string, filmId: string, kind: ExclusionKind, isActive: boolean): Promise<boolean | null>;
}

/** Known wishes are asked for again in the background after this long … */
const REFRESH_MS = 15_000;
/** … and no answer is given by older ones: a wish holds in every process within a minute, look-up included. */
const STALE_MS = 45_000;
/** After a failure the store is left alone this long; until it answers again, nobody waits and what is known is heeded. */
const REST_MS = 5000;
/** Commits may become visible this long after the time they carry. */
const OVERLAP_MS = 60_000;
const DAY_MS = 86_400_000;

/** By viewer, then by kind and film: whether the wish holds. */
type Said = Map<string, Map<string, boolean>>;
type Wish = [userId: string, filmId: string, kind: ExclusionKind, isActive: boolean];

/**
 * The wishes of viewers between nights. A night reads all of them, so that memory need hold only those said since the day
 * of the served lists began: the extraction of night D comes after D began.
 */
export function createExclusions(
  { store, clock, serving }: Pick<ApiDeps, 'store' | 'clock' | 'serving'>,
  askMs: number,
): Exclusions {
  let said: Said = new Map();
  /** What was said here while the store was being read: the answer may be older, and must not take it back. */
  let meanwhile: Wish[] = [];
  const made = new Map<string, Wishes | undefined>();
  /** First instant that `said` covers, and up to where it was read, by the store's clock; '' = nothing read. */
  let since = '';
  let readTo = '';
  let freshAt = -Infinity;
  let restUntil = -Infinity;
  let isDown = false;
  let underWay: Promise<void> | undefined;
  const nowMs = () => clock.now().getTime();

  const learn = (into: Said, [userId, filmId, kind, isActive]: Wish) => {
    const of = into.get(userId) ?? new Map<string, boolean>();
    into.set(userId, of.set(`${kind} ${filmId}`, isActive));
    made.delete(userId);
  };
  const refresh = async () => {
    const startedAt = nowMs();
    const from = beginningOf(serving.lists()?.night, startedAt);
    const goesOn = from === since;
    meanwhile = [];
    try {
      const asked = goesOn ? before(readTo, OVERLAP_MS) : from;
      const { changes, readAt } = await within(store.exclusionChanges(asked), askMs, 'reading exclusions');
      if (!goesOn) {
        said = new Map();
        made.clear();
      }
      for (const { profileId, filmId, kind, isActive } of changes)
        learn(said, [profileId, filmId, kind, isActive]);
      for (const wish of meanwhile) learn(said, wish);
      [since, readTo, freshAt] = [from, readAt, startedAt];
      isDown = false;
    } catch {
      isDown = true;
      restUntil = nowMs() + REST_MS;
    }
  };
  const recent = (userId: string): Wishes | undefined => {
    const of = said.get(userId);
    if (of === undefined) return undefined;
    if (!made.has(userId)) made.set(userId, wishesOf(of));
    return made.get(userId);
  };
  const hear = (...wish: Wish) => {
    learn(said, wish);
    if (underWay !== undefined) meanwhile.push(wish);
  };

  return {
    recent,
    whenFresh() {
      const now = nowMs();
      if (now - freshAt <= REFRESH_MS || now < restUntil) return undefined;
      underWay ??= refresh().finally(() => (underWay = undefined));
      return now - freshAt > STALE_MS && !isDown ? underWay : undefined;
    },
    async all(userId) {
      try {
        const stored = await within(store.exclusions(userId), askMs, 'reading exclusions');
        const holding = stored.map(({ kind, filmId }): [string, boolean] => [`${kind} ${filmId}`, true]);
        return wishesOf(new Map(holding));
      } catch {
        return recent(userId);
      }
    },
    async say(userId, filmId, kind, isActive) {
      if (isActive) {
        const answer = await store.exclude(userId, filmId, kind);
        if (answer === 'unknown-profile') return null;
        hear(userId, filmId, kind, true);
        return answer === 'excluded';
      }
      const held = await store.undoExclusion(userId, filmId, kind);
      hear(userId, filmId, kind, false);
      return held;
    },
  };
}

function wishesOf(said: ReadonlyMap<string, boolean>): Wishes | undefined {
  const holding = [...said].flatMap(([wish, isActive]) => (isActive ? [wish] : [])).sort();
  if (holding.length === 0) return undefined;
  const films = (kind: ExclusionKind) =>
    holding.flatMap((wish) => (wish.startsWith(`${kind} `) ? [wish.slice(kind.length + 1)] : []));
  const unused = films('dont_use');
  return {
    hidden: new Set([...films('not_interested'), ...unused]),
    uncited: new Set(unused),
    tag: createHash('sha256').update(holding.join('\n')).digest('hex').slice(0, 12),
  };
}

/** The beginning of the served night's day; without lists, of yesterday. */
function beginningOf(night: string | undefined, nowMs: number): string {
  return `${night ?? new Date(nowMs - DAY_MS).toISOString().slice(0, 10)}T00:00:00.000Z`;
}

function before(instant: string, ms: number): string {
  return new Date(Date.parse(instant) - ms).toISOString();
}
