import { copyFile } from 'node:fs/promises';
import { afterAll, expect, test } from 'vitest';
import { RAW_EVENT_COLUMNS } from '../../src/activities/columns.js';
import { createFeaturesActivities } from '../../src/activities/features.js';
import { buildRelevance } from '../../src/activities/interactions.js';
import { snapshotFiles } from '../../src/activities/snapshot.js';
import { createStageActivities } from '../../src/activities/stage.js';
import { createWarehouse } from '../../src/adapters/duckdb/warehouse.js';
import { runActivity, segmentList, warehouseDeps } from '../support/activity.js';
import { testFolder, warehouse, writeFilms, writeViewers } from '../support/warehouse-data.js';

const folder = testFolder();
afterAll(folder.remove);

const night = {
  date: '2026-02-28',
  asOf: '2026-03-01T00:00:00.000Z',
  runId: 'r',
  warmStart: true,
  why: 'test',
};

/** 130,000 events, more than a row group, so that two threads do share the work; values by hash, the same every time. */
const EVENTS = `
  SELECT
    md5('e' || i)::UUID AS event_id,
    (lpad(to_hex(hash(i // 9) % 500), 4, '0') || '0000-0000-4000-8000-000000000000')::UUID AS pid,
    'f' || hash(i // 3) % 200 AS film_id,
    ['rating', 'like', 'play_heartbeat', 'play_heartbeat', 'impression', 'share', 'detail_open', 'bookmark_add',
     'dislike'][(1 + hash(i, 1) % 9)::BIGINT] AS type,
    TIMESTAMP '2026-02-22' + to_milliseconds((hash(i // 9, 2) % 604000000)::BIGINT + i % 9 * 60000) AS ts,
    (1 + hash(i, 3) % 10)::SMALLINT AS value,
    (hash(i, 4) % 3000000)::BIGINT AS from_ms, from_ms + (hash(i, 5) % 6000000)::BIGINT AS to_ms,
    's' || i // 9 AS session_id, (hash(i, 6) % 9)::INTEGER AS position, 2000 AS dwell_ms, 90::SMALLINT AS viewport_pct,
    'test' AS source,
  FROM range(130000) AS t(i)`;

async function run(raw: string, threads: number): Promise<Record<string, string>> {
  const own = createWarehouse({ models: 'warehouse', memoryLimit: '1GB', threads });
  const deps = warehouseDeps(folder.path(`threads${threads}`), undefined, own);
  const put = (uri: string, name: string, write: (path: string) => Promise<unknown>) =>
    deps.artifacts.write(uri, { schema: 't', inputs: [] }, async (into) => {
      await write(`${into}/${name}`);
      return { files: [{ path: name, sha256: 'x', rows: 0, bytes: 0 }] };
    });
  await warehouse.session(async (session) => {
    await put('raw/a/day=2026-02-28/1', 'events.parquet', (path) => copyFile(raw, path));
    const films = Array.from({ length: 200 }, (_, i) => ({
      film: `f${i}`,
      runtime: i % 9 === 0 ? null : 60 + i,
    }));
    const viewers = Array.from({ length: 500 }, (_, viewer) => ({ viewer }));
    await put('runs/r/extract/films', 'films.parquet', (path) => writeFilms(session, path, films));
    await put('runs/r/extract/viewers', 'viewers.parquet', (path) => writeViewers(session, path, viewers));
  });
  const snapshot = await runActivity(createStageActivities(deps).stageEvents, {
    night,
    segments: await segmentList(deps, ['raw/a/day=2026-02-28/1']),
  });
  const features = await runActivity(createFeaturesActivities(deps, () => 18).buildFeatures, {
    night,
    snapshot,
  });
  const eventFiles = await snapshotFiles(deps.artifacts, snapshot.events);
  const relevance = await own.session(async (session) => {
    await session.view('all_events', eventFiles);
    return buildRelevance(session, {
      events: { eventsSql: "FROM all_events WHERE ts >= '2026-02-26'" },
      asOf: night.asOf,
      films: await deps.artifacts.files(snapshot.films),
      viewers: await deps.artifacts.files(snapshot.viewers),
      config: deps.config,
      trainInteractions: [],
      outPath: folder.path(`relevance${threads}.parquet`),
    });
  });
  const { popularity, ...tables } = features;
  const refs = { events: snapshot.events, ...tables, popularity: popularity!, relevance };
  for (const [name, ref] of Object.entries(refs)) expect([name, ref.rows]).not.toEqual([name, 0]);
  return Object.fromEntries(Object.entries(refs).map(([name, ref]) => [name, ref.sha256]));
}

test('every model gives the same bytes with one thread and with two', async () => {
  const raw = folder.path('raw.parquet');
  await warehouse.session(async (session) => {
    await session.view('shape', [], RAW_EVENT_COLUMNS);
    await session.run(`COPY (FROM shape UNION ALL BY NAME ${EVENTS}) TO $raw (FORMAT parquet)`, { raw });
  });
  expect(await run(raw, 2)).toEqual(await run(raw, 1));
});
