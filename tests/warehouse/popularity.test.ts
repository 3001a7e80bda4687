import { afterAll, expect, test } from 'vitest';
import { copyPopularity } from '../../src/activities/popularity.js';
import { configSchema } from '../../src/contracts/config.js';
import { testFolder, warehouse } from '../support/warehouse-data.js';

const folder = testFolder();
afterAll(folder.remove);

const defaults = configSchema.parse({ popularity: { ageBands: [18, 40] } });
// Floors below what config allows, for a handful of viewers.
const config = { ...defaults, popularity: { ...defaults.popularity, minViewers: 3, minFilmViewers: 2 } };

/** Viewers, their market and age; each likes some films ("x" a day, "old-…" long) before T. */
const VIEWERS: [market: string, age: number, likes: string][] = [
  ['DE', 30, 'a b'],
  ['de ', 39, 'a b c'],
  ['DE', 18, 'a d'],
  ['DE', 40, 'b'],
  ['DE', 50, 'b'],
  ['KR', 30, 'd'],
  ['KR', 30, 'd old'],
  ['KR', 12, 'old'],
  // without a market, or with none known: they count with everybody, and once
  ['', 30, 'a'],
  ['', 30, 'a'],
  [' ', 30, 'a'],
];

test('cells with enough viewers, of them films with enough; likes that are too old, and dislikes, do not count', async () => {
  await warehouse.session(async (session) => {
    await session.run(`SET VARIABLE as_of = TIMESTAMP '2026-03-01'; SET VARIABLE popularity_days = 28`);
    await session.run(
      `CREATE TEMP TABLE rows AS SELECT n, market, age, likes FROM (VALUES ${VIEWERS.map(
        ([market, age, likes], n) => `(${n}, '${market}', ${age}, '${likes}')`,
      ).join(', ')}) AS t (n, market, age, likes)`,
    );
    await session.run(
      `CREATE TEMP TABLE viewers AS SELECT n AS pid, market, 2026 - age AS birth_year, false AS is_kids, false AS is_adult_declared FROM rows`,
    );
    await session.run(
      `CREATE TEMP TABLE age_limits AS SELECT DISTINCT birth_year, is_kids, is_adult_declared, 2026 - birth_year AS max_age FROM viewers`,
    );
    await session.run(
      `CREATE TEMP TABLE interactions AS
       SELECT n AS pid, film AS film_id, 1 AS preference,
         TIMESTAMP '2026-03-01' - to_days(CASE film WHEN 'old' THEN 29 ELSE 28 END) AS last_at
       FROM (SELECT n, unnest(string_split(likes, ' ')) AS film FROM rows)
       UNION ALL SELECT n, 'hated', 0, TIMESTAMP '2026-02-28' FROM rows`,
    );
    const file = await copyPopularity(session, config, folder.path('popularity.parquet'));
    const found = await session.rows<{ market: string; band: number; film_id: string; viewers: number }>(
      'FROM read_parquet($path) ORDER BY ALL',
      { path: folder.path(file.path) },
    );
    // DE 18–39 is viewers 0, 1, 2; DE from 40 has two and is not told; KR has two who liked something lately, so neither.
    expect(found.map(({ market, band, film_id, viewers }) => [market, band, film_id, viewers])).toEqual([
      ['', -1, 'a', 6],
      ['', -1, 'b', 4],
      ['', -1, 'd', 3],
      ['DE', -1, 'a', 3],
      ['DE', -1, 'b', 4],
      ['DE', 1, 'a', 3],
      ['DE', 1, 'b', 2],
    ]);
  });
});
