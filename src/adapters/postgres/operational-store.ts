import pg from 'pg';
import type { Clock, ExclusiveStore, OperationalStore } from '../../activities/deps.js';
import { createKeyStore, type KeyStore } from './api-keys.js';
import { bulkLoad, LOADS, sourceOtherThan } from './bulk-load.js';
import { findProfile, findDemoPeople, upsertFilms, upsertProfiles } from './catalogue.js';
import { copyEventsOut, copyFilmsOut, copyProfilesOut } from './copy-out.js';
import { departuresOf, departuresSince } from './departures.js';
import { exclusively } from './exclusively.js';
import { exclude, exclusionChanges, exclusionsOf, undoExclusion } from './exclusions.js';
import { actsOf, opinionsOf, profilesOf, ratingsOf } from './read-back.js';
import { saveEvents } from './save-events.js';

/** Loads of whole files, for importers and the demo; see `bulkLoad` for the file's form. */
export interface BulkLoads {
  loadFilms(source: string, csvPath: string): Promise<{ read: number; written: number }>;
  loadProfiles(source: string, csvPath: string): Promise<{ read: number; written: number }>;
  /** Profiles first: an event of an unknown one is not written. `read − written` are known already. */
  loadEvents(source: string, csvPath: string): Promise<{ read: number; written: number }>;
  /** A table with rows whose source does not begin so, and one such source; null when there are none. */
  sourceOtherThan(prefix: string): Promise<{ table: 'films' | 'profiles' | 'events'; source: string } | null>;
}

export interface PostgresStore extends OperationalStore, ExclusiveStore, BulkLoads {
  keys: KeyStore;
  close(): Promise<void>;
}

export interface StoreOptions {
  clock?: Clock;
  /** Connections at most. */
  connections?: number;
  /** Hears of idle connections that broke; the next query opens a new one. */
  onConnectionLost?: (error: Error) => void;
}

/** More would be no choice, but a directory. */
const DEMO_PEOPLE_AT_MOST = 24;
const systemClock: Clock = { now: () => new Date() };

/** The operational database, migrated (see migrate.ts). Connects on first use, so that a server may come up later. */
export function createOperationalStore(databaseUrl: string, options: StoreOptions = {}): PostgresStore {
  const { clock = systemClock, connections = 8, onConnectionLost } = options;
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    max: connections,
    connectionTimeoutMillis: 10_000,
  });
  // Without a listener, a server that stops takes this process with it (57P01 on an idle connection).
  pool.on('error', (error) => onConnectionLost?.(error));

  return {
    saveEvents: (events, source, { clock: trust = 'server' } = {}) =>
      saveEvents(pool, events, source, clock.now(), trust),
    upsertFilms: (films) => upsertFilms(pool, films),
    upsertProfiles: (profiles) => upsertProfiles(pool, profiles),
    profile: (profileId) => findProfile(pool, profileId),
    demoPeople: () => findDemoPeople(pool, DEMO_PEOPLE_AT_MOST),
    profilesOf: (accountId) => profilesOf(pool, accountId),
    ratings: (profileId) => ratingsOf(pool, profileId),
    opinions: (profileId) => opinionsOf(pool, profileId),
    acts: (...args) => actsOf(pool, ...args),
    exclusions: (profileId) => exclusionsOf(pool, profileId),
    exclude: (...args) => exclude(pool, ...args),
    undoExclusion: (...args) => undoExclusion(pool, ...args),
    exclusionChanges: (since) => exclusionChanges(pool, since),
    departuresSince: (from, since) => departuresSince(pool, from, since),
    departuresOf: (from, pairs) => departuresOf(pool, from, pairs),
    async counts() {
      const { rows } = await pool.query<{ films: number; profiles: number; events: number }>(
        `SELECT (SELECT count(*) FROM films)::integer AS films, (SELECT count(*) FROM profiles)::integer AS profiles,
                (SELECT count(*) FROM events)::integer AS events`,
      );
      return rows[0] ?? { films: 0, profiles: 0, events: 0 };
    },
    async newestEventAt() {
      const { rows } = await pool.query<{ at: Date | null }>('SELECT max(ts) AS at FROM events');
      return rows[0]?.at?.toISOString() ?? null;
    },
    extractEvents: (since, csvPath, signal) => copyEventsOut(pool, since, csvPath, signal),
    extractFilms: (csvPath) => copyFilmsOut(pool, csvPath),
    extractProfiles: (csvPath) => copyProfilesOut(pool, csvPath),
    exclusively: (name, work, signal) => exclusively(pool, name, work, signal),
    loadFilms: (source, csvPath) => bulkLoad(pool, LOADS.films, source, csvPath),
    loadProfiles: (source, csvPath) => bulkLoad(pool, LOADS.profiles, source, csvPath),
    loadEvents: (source, csvPath) => bulkLoad(pool, LOADS.events, source, csvPath),
    sourceOtherThan: (prefix) => sourceOtherThan(pool, prefix),
    keys: createKeyStore(pool),
    close: () => pool.end(),
  };
}
