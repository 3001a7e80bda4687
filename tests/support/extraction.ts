import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { ActivityContext } from '../../src/activities/deps.js';
import type { ExtractionDeps } from '../../src/activities/extract.js';
import { readJson } from '../../src/activities/read-json.js';
import { SEGMENTS_FILE, segmentListSchema } from '../../src/activities/suspect-segments.js';
import { createArtifactStore } from '../../src/adapters/artifacts/artifact-store.js';
import { createFeeds } from '../../src/adapters/catalogue/feeds.js';
import { createDatasets } from '../../src/adapters/datasets/datasets.js';
import { createWarehouse } from '../../src/adapters/duckdb/warehouse.js';
import { migrate } from '../../src/adapters/postgres/migrate.js';
import { createOperationalStore, type PostgresStore } from '../../src/adapters/postgres/operational-store.js';
import {
  type ArtifactRef,
  configSchema,
  type EventType,
  eventSchema,
  filmSchema,
  type Night,
  profileSchema,
  type Source,
  type ViewerEvent,
} from '../../src/contracts/index.js';
import { startTestPostgres } from './postgres.js';

export const NOW = new Date('2026-03-10T12:00:00Z');
export const pidKey = { version: 1, key: Buffer.alloc(32, 7) };

/** A migrated store with two films and two viewers, and a warehouse in a temporary folder, both emptied by `reset`. */
export interface ExtractionBench {
  store: PostgresStore;
  root(): string;
  depsWith: (sources?: Source[]) => ExtractionDeps & { store: PostgresStore };
  reset(how?: { empty: boolean }): Promise<void>;
  query<T extends pg.QueryResultRow>(sql: string): Promise<T[]>;
  stop(): Promise<void>;
}

export async function startExtractionBench(): Promise<ExtractionBench> {
  const server = await startTestPostgres();
  await migrate(server.databaseUrl);
  const clock = { now: () => NOW };
  const store = createOperationalStore(server.databaseUrl, { clock });
  const client = new pg.Client({ connectionString: server.databaseUrl });
  await client.connect();
  let root = '';
  const clear = () => {
    if (root !== '') rmSync(root, { recursive: true, force: true });
  };
  return {
    store,
    root: () => root,
    depsWith: (sources = []) => ({
      clock,
      store,
      pidKey,
      config: { ...configSchema.parse({}), sources },
      artifacts: createArtifactStore(join(root, 'warehouse'), { codeSha256: 'c', configSha256: 'g' }, clock),
      warehouse: createWarehouse({ models: 'warehouse', memoryLimit: '1GB', threads: 2 }),
      datasets: createDatasets(root),
      feeds: createFeeds(join(root, 'feeds'), {}),
    }),
    async query<T extends pg.QueryResultRow>(sql: string) {
      return (await client.query<T>(sql)).rows;
    },
    async reset({ empty } = { empty: false }) {
      clear();
      root = mkdtempSync(join(tmpdir(), 'matinee-extract-'));
      await client.query('TRUNCATE events, ratings, films, logins, exclusions, profiles, accounts');
      if (empty) return;
      await store.upsertFilms([
        filmSchema.parse({ filmId: 'f1', title: 'Metropolis', releaseYear: 1927, runtimeMin: 100 }),
        filmSchema.parse({ filmId: 'f2', title: 'Nosferatu', certificates: { BBFC: ['PG'] } }),
      ]);
      await store.upsertProfiles([
        profileSchema.parse({ profileId: 'ann', accountId: 'a', birthYear: 1980 }),
        profileSchema.parse({ profileId: 'bob', accountId: 'a', isKids: true }),
      ]);
    },
    async stop() {
      clear();
      await client.end();
      await store.close();
      await server.stop();
    },
  };
}

export const night = (date: string, runId = `run-${date}`): Night => ({
  date,
  runId,
  asOf: `${date}T23:59:59Z`,
  warmStart: true,
  why: 'test',
});
export const context = (signal = new AbortController().signal): ActivityContext => ({
  heartbeat: () => undefined,
  resume: undefined,
  signal,
});
export const event = (type: EventType, more: Partial<ViewerEvent> = {}) =>
  eventSchema.parse({
    eventId: randomUUID(),
    userId: 'ann',
    movieId: 'f1',
    type,
    ts: '2026-03-10T11:00:00Z',
    ...(type === 'rating' ? { value: 8 } : {}),
    ...more,
  });

/** What an extraction listed for the night. */
export const listed = (deps: ExtractionDeps, list: ArtifactRef) =>
  readJson(deps.artifacts, list, SEGMENTS_FILE, segmentListSchema);

/** All rows of the raw segments. */
export async function rawRows(deps: ExtractionDeps, list: ArtifactRef) {
  const { segments } = await listed(deps, list);
  const files = segments.map((uri) => deps.artifacts.path(`${uri}/events.parquet`));
  return deps.warehouse.session((session) =>
    session.rows<{
      event_id: string;
      pid: string;
      film_id: string;
      type: string;
      source: string;
      extra: string | null;
    }>(`SELECT event_id, pid, film_id, type, source, extra FROM read_parquet($files) ORDER BY ts, event_id`, {
      files,
    }),
  );
}
