import { randomUUID } from 'node:crypto';
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ActivityContext } from '../../src/activities/deps.js';
import { type ExtractionDeps, extractSources } from '../../src/activities/extract.js';
import { listQuarantine, replayQuarantine } from '../../src/activities/quarantine.js';
import { createArtifactStore } from '../../src/adapters/artifacts/artifact-store.js';
import { createDatasets } from '../../src/adapters/datasets/datasets.js';
import { createWarehouse } from '../../src/adapters/duckdb/warehouse.js';
import { migrate } from '../../src/adapters/postgres/migrate.js';
import { createOperationalStore, type PostgresStore } from '../../src/adapters/postgres/operational-store.js';
import {
  configSchema,
  type EventType,
  eventSchema,
  filmSchema,
  type FileSource,
  fileSourceSchema,
  type Night,
  profileSchema,
  type ViewerEvent,
} from '../../src/contracts/index.js';
import { pidOf } from '../../src/core/identity/pid.js';
import { startTestPostgres, type TestPostgres } from '../support/postgres.js';

const NOW = new Date('2026-03-10T12:00:00Z');
const pidKey = { version: 1, key: Buffer.alloc(32, 7) };
let server: TestPostgres;
let store: PostgresStore;
let client: pg.Client;
let root: string;

beforeAll(async () => {
  server = await startTestPostgres();
  await migrate(server.databaseUrl);
  store = createOperationalStore(server.databaseUrl, { clock: { now: () => NOW } });
  client = new pg.Client({ connectionString: server.databaseUrl });
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await store.close();
  await server.stop();
});
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'matinee-extract-'));
  await client.query('TRUNCATE events, ratings, films, logins, profiles, accounts');
  await store.upsertFilms([
    filmSchema.parse({ filmId: 'f1', title: 'Metropolis', releaseYear: 1927, runtimeMin: 100 }),
    filmSchema.parse({ filmId: 'f2', title: 'Nosferatu', certificates: { BBFC: ['PG'] } }),
  ]);
  await store.upsertProfiles([
    profileSchema.parse({ profileId: 'ann', accountId: 'a', birthYear: 1980 }),
    profileSchema.parse({ profileId: 'bob', accountId: 'a', isKids: true }),
  ]);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function depsWith(sources: FileSource[] = []): ExtractionDeps {
  const clock = { now: () => NOW };
  return {
    clock,
    store,
    pidKey,
    config: { ...configSchema.parse({}), sources },
    artifacts: createArtifactStore(join(root, 'warehouse'), { codeSha256: 'c', configSha256: 'g' }, clock),
    warehouse: createWarehouse({ models: 'warehouse', memoryLimit: '1GB', threads: 2 }),
    datasets: createDatasets(root),
  };
}
const night = (date: string, runId = `run-${date}`): Night => ({
  date,
  runId,
  asOf: `${date}T23:59:59Z`,
  warmStart: true,
  why: 'test',
});
const context = (signal = new AbortController().signal): ActivityContext => ({
  heartbeat: () => undefined,
  resume: undefined,
  signal,
});
const event = (type: EventType, more: Partial<ViewerEvent> = {}) =>
  eventSchema.parse({
    eventId: randomUUID(),
    userId: 'ann',
    movieId: 'f1',
    type,
    ts: '2026-03-10T11:00:00Z',
    ...(type === 'rating' ? { value: 8 } : {}),
    ...more,
  });

/** All rows of the raw segments. */
async function rawRows(deps: ExtractionDeps, segments: string[]) {
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

describe('quarantine', () => {
  test('is listed, and replayed once what was missing has arrived', async () => {
    const deps = depsWith([
      fileSourceSchema.parse({
        name: 'shop',
        format: 'csv',
        glob: 'shop.csv',
        type: 'rating',
        columns: { user_id: 'who', film_id: 'what', ts: 'at', value: 'stars' },
      }),
    ]);
    writeFileSync(
      join(root, 'shop.csv'),
      'who,what,at,stars\nann,late,2026-03-01T10:00:00Z,8\nann,never,2026-03-01T10:00:00Z,8\nann,f1,2026-03-01T10:00:00Z,0\nann,f1\n',
    );
    await store.saveEvents([event('like', { movieId: 'late' })], 'api');
    await extractSources(deps, night('2026-03-10'), context());

    const listed = await listQuarantine(deps, {});
    expect(listed.total).toBe(5);
    expect(listed.groups).toContainEqual({
      source: 'postgres',
      day: '2026-03-10',
      reason: 'film:unknown',
      rows: 1,
    });
    expect(listed.groups).toContainEqual({
      source: 'shop',
      day: '2026-03-10',
      reason: 'value:out-of-range',
      rows: 1,
    });
    expect(listed.samples.find(({ reasons }) => reasons.includes('line:truncated'))).toMatchObject({
      raw: 'ann,f1',
      line: 5,
    });
    expect(JSON.stringify(listed.samples.filter(({ raw }) => raw === null))).not.toContain('ann');

    expect(await replayQuarantine(deps, {})).toMatchObject({ replayed: 0, remaining: 5 });
    await store.upsertFilms([filmSchema.parse({ filmId: 'late', title: 'The Late Show' })]);
    expect(await replayQuarantine(deps, { source: 'postgres' })).toMatchObject({ replayed: 1, remaining: 0 });
    expect(await replayQuarantine(deps, {})).toMatchObject({ replayed: 1, remaining: 3 });
    expect(await replayQuarantine(deps, {})).toMatchObject({ replayed: 0, remaining: 3 });
    expect((await listQuarantine(deps, {})).total).toBe(3);

    const { segments } = await extractSources(deps, night('2026-03-11'), context());
    const rows = await rawRows(deps, segments);
    expect(rows.map(({ film_id, source, type }) => [film_id, source, type])).toEqual([
      ['late', 'shop', 'rating'],
      ['late', 'api', 'like'],
    ]);
    expect(new Set(rows.map(({ pid }) => pid))).toEqual(new Set([pidOf(pidKey.key, 'ann')]));
  });

  test('a replay that is killed half-way loses nothing and doubles nothing', async () => {
    const deps = depsWith();
    await store.saveEvents([event('like', { movieId: 'late' }), event('like', { movieId: 'never' })], 'api');
    await extractSources(deps, night('2026-03-10'), context());
    await store.upsertFilms([filmSchema.parse({ filmId: 'late', title: 'The Late Show' })]);
    const dying = {
      ...deps,
      artifacts: { ...deps.artifacts, remove: () => Promise.reject(new Error('killed')) },
    };
    await expect(replayQuarantine(dying, {})).rejects.toThrow('killed');
    expect((await listQuarantine(deps, {})).total).toBe(1);
    expect(await replayQuarantine(deps, {})).toMatchObject({ replayed: 0, remaining: 1 });
    const { segments } = await extractSources(deps, night('2026-03-11'), context());
    expect(await rawRows(deps, segments)).toHaveLength(1);
  });
});
