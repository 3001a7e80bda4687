import { afterAll, describe, expect, test } from 'vitest';
import type { ProfileMaxAge } from '../../src/activities/age-limits.js';
import { query } from '../../src/adapters/duckdb/analyst.js';
import { currentCatalogue } from '../../src/adapters/duckdb/catalogue.js';
import { createFeaturesActivities } from '../../src/activities/features.js';
import { isDiskFull } from '../../src/activities/failures.js';
import { configSchema } from '../../src/contracts/config.js';
import { runActivity, warehouseDeps } from '../support/activity.js';
import {
  type EventRow,
  testFolder,
  testPid,
  warehouse,
  writeEvents,
  writeFilms,
  writeViewers,
} from '../support/warehouse-data.js';

const folder = testFolder();
afterAll(folder.remove);

const night = {
  date: '2026-02-28',
  asOf: '2026-03-01T00:00:00.000Z',
  runId: 'r',
  warmStart: true,
  why: 'test',
};
/** Stands in for core/age-gate: that rule has tests of its own; here it must only be asked with the right things. */
const maxAge: ProfileMaxAge = ({ birthYear, isKids, isAdultDeclared }, year, ages) =>
  isKids ? ages.unknownKids : birthYear === null ? (isAdultDeclared ? 18 : 0) : year - birthYear - 1;

const events: EventRow[] = [
  { viewer: 1, film: 'a', type: 'like', ts: '2026-02-20T00:00:00Z' },
  { viewer: 2, film: 'a', type: 'like', ts: '2026-01-01T00:00:00Z' },
  { viewer: 3, film: 'a', type: 'dislike', ts: '2026-02-20T00:00:00Z' },
  { viewer: 4, film: 'a', type: 'like', ts: '2026-02-20T00:00:00Z' },
  // C = 7, so the midpoints are (9 + 70)/11 and (5 + 70)/11: one rating above its viewer's middle, one below.
  { viewer: 1, film: 'b', type: 'rating', value: 9, ts: '2026-02-20T00:00:00Z' },
  { viewer: 3, film: 'b', type: 'rating', value: 5, ts: '2026-02-20T00:00:00Z' },
];

async function build(home: string, options: { heartbeats?: unknown[]; films?: string[] } = {}) {
  const config = configSchema.parse({ weightedRating: { minRatedTitles: 1 } });
  // Floors below what config allows, for a handful of viewers.
  const popularity = { ...config.popularity, minViewers: 1, minFilmViewers: 1 };
  const deps = warehouseDeps(folder.path(home), { ...config, popularity });
  const put = (uri: string, name: string, write: (path: string) => Promise<unknown>, inputs: string[] = []) =>
    deps.artifacts.write(
      uri,
      { schema: 't', inputs: inputs.map((i) => ({ uri: i, sha256: 'x', rows: 0, bytes: 0, schema: 't' })) },
      async (into) => {
        await write(`${into}/${name}`);
        return { files: [{ path: name, sha256: 'x', rows: 0, bytes: 0 }] };
      },
    );
  const snapshot = await warehouse.session(async (session) => {
    const films = (options.films ?? ['a', 'b', 'c']).map((film) => ({ film, runtime: 90 }));
    const viewers = [
      { viewer: 1, birth_year: 2000 },
      { viewer: 2, is_kids: true },
      { viewer: 3 },
      { viewer: 4, consent: 30 },
      { viewer: 20 },
    ];
    await put('events/day=2026-02-20/v=x', 'events.parquet', (path) => writeEvents(session, path, events));
    return {
      events: await put('runs/r/stage/events', 'days.json', async () => {}, ['events/day=2026-02-20/v=x']),
      films: await put('runs/r/extract/films', 'films.parquet', (path) => writeFilms(session, path, films)),
      viewers: await put('runs/r/extract/viewers', 'viewers.parquet', (path) =>
        writeViewers(session, path, viewers),
      ),
      days: 1,
      changedDays: 1,
    };
  });
  const activities = createFeaturesActivities(deps, maxAge);
  const run = () => runActivity(activities.buildFeatures, { night, snapshot }, options);
  return { deps, run };
}

describe('buildFeatures', () => {
  test('writes five tables: interactions, viewers, films, weighted ratings, popularity', async () => {
    const heartbeats: unknown[] = [];
    const { deps, run } = await build('whole', { heartbeats });
    const features = await run();
    const rowsOf = async (ref: (typeof features)['interactions']) => {
      const files = await deps.artifacts.files(ref);
      return warehouse.session(async (session) => {
        await session.view('t', files);
        return session.rows<Record<string, unknown>>('FROM t');
      });
    };
    expect(
      (await rowsOf(features.interactions)).map(({ pid, film_id, preference }) => [pid, film_id, preference]),
    ).toEqual([
      [testPid(1), 'a', 1],
      [testPid(1), 'b', 1],
      [testPid(2), 'a', 1],
      [testPid(3), 'a', 0],
      [testPid(3), 'b', 0],
    ]);
    const viewer = (n: number, max_age: number, n_pos: number, is_personal = true) => ({
      bucket: n % 16,
      pid: testPid(n),
      market: 'default',
      max_age,
      is_personal,
      n_pos,
      hidden_films: [],
    });
    expect(await rowsOf(features.viewers)).toEqual([
      viewer(1, 25, 2),
      viewer(2, 6, 1),
      viewer(3, 18, 0),
      viewer(4, 18, 0, false),
      viewer(20, 18, 0),
    ]);
    expect(await rowsOf(features.films)).toMatchObject([
      { film_id: 'a', raters: 3, positives: 2, plays28: 1, runtime_min: 90, genres: null },
      { film_id: 'b', raters: 2, positives: 1, plays28: 1 },
      { film_id: 'c', raters: 0, positives: 0, plays28: 0 },
    ]);
    expect((await rowsOf(features.weightedRating)).map(({ film_id, votes }) => [film_id, votes])).toEqual([
      ['a', 0],
      ['b', 2],
      ['c', 0],
    ]);
    // Viewer 1, of 25 years (the fifth band); what viewer 2 likes is of January, and viewer 4 does not consent.
    const cells = [
      ['', -1],
      ['DEFAULT', -1],
      ['DEFAULT', 5],
    ];
    expect(await rowsOf(features.popularity!)).toEqual(
      cells.flatMap(([market, band]) => ['a', 'b'].map((film_id) => ({ market, band, film_id, viewers: 1 }))),
    );
    const analyst = async (sql: string) => {
      const limits = { maxRows: 10, memoryLimit: '500MB', threads: 1 };
      return (await query(folder.path('whole'), await currentCatalogue(deps.artifacts), sql, limits)).rows;
    };
    expect(await analyst('SELECT film_id, votes FROM mart_weighted_rating ORDER BY film_id')).toEqual([
      ['a', 0],
      ['b', 2],
      ['c', 0],
    ]);
    expect(await analyst("SELECT film_id, viewers FROM mart_popularity WHERE market = ''")).toEqual([
      ['a', 1],
      ['b', 1],
    ]);
    expect((await deps.artifacts.read(features.weightedRating.uri))?.facts).toEqual({
      m: 500,
      c: 7,
      votes: 2,
    });
    expect((await deps.artifacts.read(features.interactions.uri))?.facts).toEqual({
      botDays: 0,
      brigades: [],
      population: { mean_rating_micro: 7_000_000, busiest_day: 2 },
    });
    expect(heartbeats.length).toBeGreaterThan(0);
    expect(await run()).toEqual(features);
  });

  test('the same input in another home has the same hashes', async () => {
    const [one, two] = [await (await build('one')).run(), await (await build('two')).run()];
    expect(two).toEqual(one);
  });

  test('a repeated key is a permanent failure, and nothing is committed', async () => {
    const { deps, run } = await build('broken', { films: ['a', 'a', 'b'] });
    await expect(run()).rejects.toMatchObject({
      type: 'ArtifactCorrupt',
      nonRetryable: true,
      message: 'feat_film (film_id): expected one row per key, no key missing, observed a: 2 rows',
    });
    expect(await deps.artifacts.read('runs/r/features/mart_weighted_rating')).toBe(null);
  });
});

describe('isDiskFull', () => {
  test('knows Node’s error, DuckDB’s errors, and a cause', () => {
    expect(isDiskFull(Object.assign(new Error('write'), { code: 'ENOSPC' }))).toBe(true);
    expect(isDiskFull(new Error('outer', { cause: new Error('No space left on device') }))).toBe(true);
    expect(isDiskFull(new Error('This limit was set by the "max_temp_directory_size" setting'))).toBe(true);
    expect(isDiskFull(new Error('no such table'))).toBe(false);
    expect(isDiskFull('No space left on device')).toBe(false);
  });
});
