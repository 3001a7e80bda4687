import type { ApiStore } from '../../src/api/deps.js';
import type { Departure, ExclusionKind } from '../../src/contracts/exclusions.js';

type Rest = Omit<ApiStore, 'saveEvents' | 'profile'>;
export interface MemoryStore extends Rest {
  /** Viewers that exist; absent: everybody. */
  known?: Set<string>;
  /** What was asked, in order. */
  calls: string[];
  /** What viewers did with a film is now this. */
  stands(departure: Departure): void;
}

/** What viewers did and want, in memory, as the operational store keeps it. Several apps may share one. */
export function memoryStore(now: () => Date): MemoryStore {
  const rows: {
    profileId: string;
    filmId: string;
    kind: ExclusionKind;
    isActive: boolean;
    at: string;
  }[] = [];
  const rowOf = (profileId: string, filmId: string, kind: ExclusionKind) =>
    rows.find((row) => row.profileId === profileId && row.filmId === filmId && row.kind === kind);
  const calls: string[] = [];
  const standing = new Map<string, Departure & { at: string }>();
  const pairOf = ({ profileId, filmId }: { profileId: string; filmId: string }) => `${profileId} ${filmId}`;
  const store: MemoryStore = {
    calls,
    stands(departure) {
      standing.set(pairOf(departure), { ...departure, at: now().toISOString() });
    },
    departuresSince: (_from, since) =>
      Promise.resolve([...standing.values()].filter(({ at }) => at >= since)),
    departuresOf(_from, pairs) {
      calls.push('departures');
      return Promise.resolve(pairs.flatMap((pair) => standing.get(pairOf(pair)) ?? []));
    },
    demoPeople: () => Promise.resolve([]),
    profilesOf: () => Promise.resolve(null),
    ratings: () => Promise.resolve([]),
    acts: () => Promise.resolve([]),
    opinions: () => Promise.resolve({ liked: [], disliked: [], bookmarked: [] }),
    exclusions(profileId) {
      calls.push('exclusions');
      const holding = rows.filter((row) => row.profileId === profileId && row.isActive);
      return Promise.resolve(holding.map(({ filmId, kind, at }) => ({ filmId, kind, excludedAt: at })));
    },
    exclude(profileId, filmId, kind) {
      if (store.known?.has(profileId) === false) return Promise.resolve('unknown-profile');
      const row = rowOf(profileId, filmId, kind);
      if (row?.isActive === true) return Promise.resolve('already');
      if (row !== undefined) Object.assign(row, { isActive: true, at: now().toISOString() });
      else rows.push({ profileId, filmId, kind, isActive: true, at: now().toISOString() });
      return Promise.resolve('excluded');
    },
    undoExclusion(profileId, filmId, kind) {
      const row = rowOf(profileId, filmId, kind);
      if (row?.isActive !== true) return Promise.resolve(false);
      Object.assign(row, { isActive: false, at: now().toISOString() });
      return Promise.resolve(true);
    },
    exclusionChanges(since) {
      calls.push(`changes since ${since}`);
      const changes = rows.filter(({ at }) => at >= since).map(({ at: _at, ...change }) => change);
      return Promise.resolve({ changes, readAt: now().toISOString() });
    },
  };
  return store;
}
