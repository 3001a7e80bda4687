import type { Departure, ExclusionKind } from '../contracts/exclusions.js';
import type { ViewerEvent } from '../contracts/events.js';
import type { ApiDeps } from './deps.js';
import { within } from './within.js';
import { keyOf, type Said, type WishKind, type Wishes, wishesOf } from './wishes.js';

export interface Exclusions {
  /**
   * Resolves when what other processes stored, and what this viewer just did here, is known; undefined when it is already.
   * Never rejects: with the store down, what is known is heeded.
   */
  whenFresh(userId: string): Promise<unknown> | undefined;
  /** Wishes that the served lists may not know yet; undefined = none. */
  recent(userId: string): Wishes | undefined;
  /** All exclusions of a viewer besides, for pages that no night has filtered. With the store down, the recent ones. */
  all(userId: string): Promise<Wishes | undefined>;
  /** Stores a wish, or takes it back, and heeds it here from now on. null = no such profile. */
  say(userId: string, filmId: string, kind: ExclusionKind, isActive: boolean): Promise<boolean | null>;
  /** Hears of events that were stored here: films that are disliked, rated or played to their end leave the lists. */
  heed(events: readonly ViewerEvent[]): void;
}

/** Known wishes are asked for again in the background after this long … */
const REFRESH_MS = 15_000;
/** … and no answer is given by older ones: a wish holds in every process within a minute, look-up included. */
const STALE_MS = 45_000;
/** After a failure the store is left alone this long; until it answers again, nobody waits and what is known is heeded. */
const REST_MS = 5000;
/** A reading may take this long, though nobody waits for it longer than `askMs`: the first one reads a day and more. */
const READ_MS = 10_000;
/** Commits may become visible this long after the time they carry. */
const OVERLAP_MS = 60_000;
const DAY_MS = 86_400_000;
/** Pairs of one look-up. */
const PAIRS = 2000;

/** What makes a film leave a viewer's lists, or come back to them. */
const SAYING: ReadonlySet<ViewerEvent['type']> = new Set([
  'like',
  'unlike',
  'dislike',
  'undislike',
  'rating',
  'unrate',
  'play_end',
]);
type Pair = { profileId: string; filmId: string };
type Wish = [userId: string, filmId: string, kind: WishKind, isActive: boolean];

/**
 * The wishes of viewers between nights. A night reads all of them, so that memory need hold only those since the day of the
 * served lists began: the extraction of night D comes after D began.
 */
export function createExclusions(
  { store, clock, serving }: Pick<ApiDeps, 'store' | 'clock' | 'serving'>,
  askMs: number,
): Exclusions {
  let said = new Map<string, Said>();
  /** What was said here while the store was being read: the answer may be older, and must not take it back. */
  let meanwhile: Wish[] = [];
  const made = new Map<string, Wishes | undefined>();
  /** First instant that `said` covers, and up to where it was read, by the store's clock; '' = nothing read. */
  let since = '';
  let readTo = '';
  let freshAt = -Infinity;
  let restUntil = -Infinity;
  /** The store failed, or keeps its readers waiting: nobody waits for it. */
  let isLate = false;
  let underWay: Promise<void> | undefined;
  /** Pairs of events that were stored here and are not looked up yet, by viewer; then those being looked up. */
  let acted = new Map<string, Set<string>>();
  let asked: ReadonlyMap<string, unknown> = new Map();
  let lookingUp: Promise<void> | undefined;
  const nowMs = () => clock.now().getTime();
  const beginning = () => beginningOf(serving.lists()?.night, nowMs());

  const learn = (into: Map<string, Said>, [userId, filmId, kind, isActive]: Wish) => {
    const of = into.get(userId) ?? new Map<string, boolean>();
    const key = keyOf(kind, filmId);
    if (!isActive && kind !== 'not_interested' && kind !== 'dont_use') of.delete(key);
    else of.set(key, isActive);
    into.set(userId, of);
    made.delete(userId);
  };
  const refresh = async () => {
    const startedAt = nowMs();
    const from = beginning();
    const goesOn = from === since;
    meanwhile = [];
    try {
      const after = goesOn ? before(readTo, OVERLAP_MS) : from;
      const reading = Promise.all([store.exclusionChanges(after), store.departuresSince(from, after)]);
      const [{ changes, readAt }, departures] = await within(reading, READ_MS, 'reading exclusions');
      if (!goesOn) {
        said = new Map();
        made.clear();
      }
      for (const { profileId, filmId, kind, isActive } of changes)
        learn(said, [profileId, filmId, kind, isActive]);
      for (const wish of [...departures.flatMap(wishesIn), ...meanwhile]) learn(said, wish);
      [since, readTo, freshAt, isLate] = [from, readAt, startedAt, false];
    } catch {
      isLate = true;
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
  /** One look-up at a time, of all that was stored during the one before. A failed one is made up for by the next reading. */
  const lookUp = async () => {
    while (acted.size > 0) {
      const pairs = [...acted].flatMap(([profileId, films]) =>
        [...films].map((filmId): Pair => ({ profileId, filmId })),
      );
      [asked, acted] = [acted, new Map()];
      try {
        for (let at = 0; at < pairs.length; at += PAIRS) {
          const found = store.departuresOf(beginning(), pairs.slice(at, at + PAIRS));
          for (const departure of await within(found, READ_MS, 'looking up what viewers did'))
            for (const wish of wishesIn(departure)) hear(...wish);
        }
      } catch {
        freshAt = -Infinity;
      }
      asked = new Map();
    }
  };
  /** Nobody waits longer than `askMs`, and after one did, nobody does until the store has answered. */
  const patiently = (work: Promise<void>): Promise<unknown> =>
    within(work, askMs, 'reading exclusions').catch(() => (isLate = true));

  return {
    recent,
    whenFresh(userId) {
      const now = nowMs();
      const isOld = now - freshAt > REFRESH_MS && now >= restUntil;
      if (isOld) underWay ??= refresh().finally(() => (underWay = undefined));
      if (isLate) return undefined;
      const waits = [
        ...(underWay !== undefined && now - freshAt > STALE_MS ? [underWay] : []),
        ...(lookingUp !== undefined && (acted.has(userId) || asked.has(userId)) ? [lookingUp] : []),
      ];
      return waits.length === 0 ? undefined : Promise.all(waits.map(patiently));
    },
    async all(userId) {
      const known = said.get(userId) ?? [];
      try {
        const stored = await within(store.exclusions(userId), askMs, 'reading exclusions');
        const holding = stored.map(({ kind, filmId }) => [keyOf(kind, filmId), true] as const);
        const done = [...known].filter(([wish]) => /^(disliked|seen) /.test(wish));
        return wishesOf([...holding, ...done]);
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
    heed(events) {
      for (const { userId, movieId, type } of events) {
        if (movieId === undefined || !SAYING.has(type)) continue;
        const films = acted.get(userId) ?? new Set();
        acted.set(userId, films.add(movieId));
      }
      if (acted.size > 0) lookingUp ??= lookUp().finally(() => (lookingUp = undefined));
    },
  };
}

function wishesIn({ profileId, filmId, isDisliked, isSeen }: Departure): Wish[] {
  return [
    [profileId, filmId, 'disliked', isDisliked],
    [profileId, filmId, 'seen', isSeen],
  ];
}

/** The beginning of the served night's day; without lists, of yesterday. */
function beginningOf(night: string | undefined, nowMs: number): string {
  return `${night ?? new Date(nowMs - DAY_MS).toISOString().slice(0, 10)}T00:00:00.000Z`;
}

function before(instant: string, ms: number): string {
  return new Date(Date.parse(instant) - ms).toISOString();
}
