import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { auditAges } from '../../src/activities/publish-audit.js';
import {
  CERTIFICATE_TABLE,
  filmMinAge,
  MARKET_SCHEMES,
  profileMaxAge,
} from '../../src/core/age-gate/index.js';
import { createWorld, type World } from './score-world.js';
import { filmRow, NIGHT, viewerRow } from './score-world-rows.js';

let world: World;
afterEach(() => world.dispose());

const SEED = 20260131;

test('the audit’s SQL and the age gate’s TypeScript agree on generated films and viewers', async () => {
  const tables = [...CERTIFICATE_TABLE.schemes];
  const labels = tables.flatMap(([, table]) => [...table.keys()]);
  const odd = [
    '',
    ' ',
    'NR',
    'Approved',
    'rated pg–13',
    'Rated  R',
    'PG−13',
    'pg 13',
    '12세 이상 관람가',
    'ua 16+',
    'none',
  ];
  const scheme = fc.constantFrom(
    ...tables.map(([name]) => name),
    'bbfc',
    ' mpa ',
    'ACB',
    'BD',
    'constructor',
  );
  const certificates = fc.dictionary(scheme, fc.array(fc.constantFrom(...labels, ...odd), { maxLength: 3 }), {
    maxKeys: 3,
  });
  const films = fc
    .sample(certificates, { numRuns: 400, seed: SEED })
    .map((printed, i) => filmRow(`f${i}`, { certificates: JSON.stringify(printed) }));
  const markets = [...MARKET_SCHEMES.keys(), 'default', 'us', 'FR'];
  const profile = fc.record({
    birth_year: fc.option(fc.integer({ min: 1920, max: 2030 })),
    is_kids: fc.boolean(),
    is_adult_declared: fc.boolean(),
    market: fc.constantFrom(...markets),
  });
  const viewers = fc
    .sample(profile, { numRuns: 300, seed: SEED })
    .map((facts, i) => viewerRow(`v${i}`, facts));
  world = await createWorld({ films, viewers, interactions: [], votes: [] });
  const { ages } = world.deps.config;

  const sql = await world.deps.warehouse.session(async (session) => {
    await session.view('films', await world.deps.artifacts.files(world.refs.films));
    await session.view('viewers', await world.deps.artifacts.files(world.refs.viewers));
    await session.view('lists', [], { pid: 'UUID', film_id: 'VARCHAR', reason_film_ids: 'VARCHAR[]' });
    expect(await auditAges(session, NIGHT.asOf, ages)).toEqual({ pairs: 0, violations: 0 });
    return {
      films: await session.rows<{ film_id: string; market: string; min_age: number }>(
        'SELECT * FROM film_market_ages',
      ),
      viewers: await session.rows<{ pid: string; max_age: number }>(
        'SELECT pid::VARCHAR AS pid, max_age FROM viewer_ages',
      ),
    };
  });

  const printed = new Map(
    films.map((film) => [film.film_id, JSON.parse(film.certificates) as Record<string, string[]>]),
  );
  expect(sql.films).toHaveLength(films.length * markets.length);
  for (const row of sql.films) {
    const expected = filmMinAge(printed.get(row.film_id) ?? {}, row.market, ages);
    expect([row.film_id, row.market, row.min_age]).toEqual([row.film_id, row.market, expected]);
  }
  const seen = new Set(sql.films.map((row) => row.min_age));
  for (const age of [0, 10, 13, 17, 18, 19, 99]) expect(seen).toContain(age);

  const profiles = new Map(viewers.map((viewer) => [viewer.pid, viewer]));
  expect(sql.viewers).toHaveLength(viewers.length);
  for (const { pid, max_age: maxAge } of sql.viewers) {
    const { birth_year: birthYear, is_kids: isKids, is_adult_declared: isAdultDeclared } = profiles.get(pid)!;
    expect(maxAge).toBe(profileMaxAge({ birthYear, isKids, isAdultDeclared }, 2026, ages));
  }
});
