import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { checkRow } from '../../src/activities/refresh-catalogue.js';
import { describeSources, statesOf } from '../../src/cli/sources.js';
import { fileSourceSchema } from '../../src/contracts/index.js';
import { type CatalogueWorld, certificatesOf, createCatalogueWorld } from '../support/catalogue-world.js';
import { json } from '../support/feed-server.js';
import { warehouse } from '../support/warehouse-data.js';

let world: CatalogueWorld;
beforeEach(async () => {
  world = await createCatalogueWorld();
});
afterEach(() => world.dispose());

describe('facts', () => {
  test('fill what is open, and replace nothing', async () => {
    world.server.on(
      '/films',
      json({
        films: [
          {
            film_id: 'f1',
            title: 'Other',
            release_year: 2001,
            genres: ['Drama'],
            average_rating: 8.3,
            votes: 1200,
          },
          {
            film_id: 'f2',
            release_year: '1922',
            genres: 'Horror|Silent',
            runtime_min: 94,
            certificates: 'PG',
          },
          { film_id: 'zz', title: 'Not ours', average_rating: 9, votes: 5 },
        ],
      }),
    );
    const { films, use, notes } = await world.merge();
    expect(films).toMatchObject([
      {
        title: 'Metropolis',
        release_year: 1927,
        genres: ['Sci-Fi'],
        external_average: 8.3,
        external_votes: 1200,
      },
      {
        title: 'Nosferatu',
        release_year: 1922,
        genres: ['Horror', 'Silent'],
        runtime_min: 94,
        external_average: null,
      },
      { title: 'Vampyr', release_year: 1932 },
    ]);
    expect(certificatesOf({ films })['f2']).toEqual({ MPA: ['PG'] });
    expect(use).toMatchObject({
      rows: 3,
      matched: 2,
      unknown: 1,
      added: 0,
      filled: { release_year: 1, genres: 1, runtime_min: 1, certificates: 1, average_rating: 1 },
      ageDays: 0,
      isStale: false,
      problem: null,
    });
    expect(notes).toEqual([
      `catalogue facts: facts of 2 films by ${world.server.url('/films')}; licence: for tests`,
    ]);
  });

  test('of theirs are preferred when the config says so, but nothing is replaced by nothing', async () => {
    world.server.on(
      '/films',
      json({ films: [{ film_id: 'f1', title: 'Other', release_year: 2001, genres: [], runtime_min: null }] }),
    );
    const { films } = await world.merge([world.source({ prefer: 'theirs' })]);
    expect(films[0]).toMatchObject({
      title: 'Metropolis',
      release_year: 2001,
      genres: ['Sci-Fi'],
      runtime_min: 153,
    });
  });

  test('make films of their own only when the config says so', async () => {
    world.server.on(
      '/films',
      json({ films: [{ film_id: 'f9', title: 'New', genres: ['Drama'] }, { film_id: 'f8' }] }),
    );
    const { films, use } = await world.merge([world.source({ addsFilms: true })]);
    expect(films.at(-1)).toMatchObject({
      film_id: 'f9',
      title: 'New',
      genres: ['Drama'],
      certificates: '{}',
    });
    expect(use).toMatchObject({ matched: 0, added: 1, unknown: 1 });
  });

  test('of the earlier source in the config win', async () => {
    world.server.on('/films', json([{ film_id: 'f2', runtime_min: 94, average_rating: 7, votes: 10 }]));
    world.server.on(
      '/more',
      json([{ film_id: 'f2', runtime_min: 81, average_rating: 4, votes: 99, genres: ['Horror'] }]),
    );
    const { films } = await world.merge([
      world.source(),
      world.source({ name: 'more', url: world.server.url('/more'), ratingOutOf: 5 }),
    ]);
    expect(films[1]).toMatchObject({
      runtime_min: 94,
      external_average: 7,
      external_votes: 10,
      genres: ['Horror'],
    });
  });
});

describe('rows that cannot be used', () => {
  test.each<[Record<string, unknown>, string[]]>([
    [{}, ['film_id:missing']],
    [{ film_id: '  ' }, ['film_id:invalid']],
    [{ film_id: 1, release_year: 'MCMXX', votes: -1 }, ['release_year:invalid', 'votes:invalid']],
    [{ film_id: 1, average_rating: 11 }, ['average_rating:out-of-range']],
    [{ film_id: 1, average_rating: 0.5 }, ['average_rating:out-of-range']],
    [{ film_id: 1, certificates: 7 }, ['certificates:invalid']],
    [{ film_id: 1, genres: [1] }, ['genres:invalid']],
    [{ film_id: 1, added_at: 'yesterday' }, ['added_at:invalid']],
  ])('%o → %o', (row, reasons) => {
    expect(checkRow(row, 10)).toEqual({ reasons });
  });

  test('ratings come to 1..10; 0 is how feeds say nobody voted', () => {
    const average = (given: unknown, outOf: number) => {
      const checked = checkRow({ film_id: 1, average_rating: given }, outOf);
      return 'row' in checked ? checked.row.average_rating : checked;
    };
    expect([average(4.5, 5), average('83', 100), average(0, 10), average(' ', 10)]).toEqual([
      9,
      8.3,
      null,
      null,
    ]);
  });

  test('are kept in the quarantine with their reasons; the others are used', async () => {
    const good = Array.from({ length: 9 }, (_, i) => ({ film_id: `x${i}` }));
    world.server.on('/films', json([...good, { film_id: 'f1', runtime_min: 'long', note: 'ö' }]));
    await world.merge();
    const uri = 'quarantine/facts/day=2026-03-09/run-1';
    expect(await world.artifacts.read(uri)).toMatchObject({
      rows: 1,
      facts: { byReason: { 'runtime_min:invalid': 1 } },
    });
    const [row] = await warehouse.session((session) =>
      session.rows<{ fields: string; reasons: string[] }>('SELECT * FROM read_parquet($f)', {
        f: world.artifacts.path(`${uri}/rows.parquet`),
      }),
    );
    expect(JSON.parse(row?.fields ?? '')).toEqual({ film_id: 'f1', runtime_min: 'long', note: 'ö' });
  });
});

test('matinee sources says how old facts are, what was refused and why', async () => {
  const film = (id: string, more = {}) => ({ film_id: id, ...more });
  world.server.on(
    '/films',
    json([...Array.from({ length: 8 }, (_, i) => film(`x${i}`)), film('f1', { votes: 'many' })]),
  );
  await world.merge();
  world.hours(30);
  await world.feeds.failed(world.source(), 'answered 500');
  const files = fileSourceSchema.parse({ name: 'tickets', format: 'csv', glob: 'tickets/*.csv' });
  const states = await statesOf([files, world.source()], world);
  expect(describeSources(states, world.clock.now()).split('\n')).toEqual([
    'tickets  events  tickets/*.csv',
    `facts  catalogue  ${world.server.url('/films')}`,
    '  failed at 2026-03-11T18:00:00.000Z: answered 500',
    '  8 films, 30 hours old, 1 pages',
    '  licence: for tests',
    '  1 rows refused: votes:invalid 1 (matinee quarantine list)',
  ]);
  expect(describeSources([], world.clock.now())).toMatch(/no sources/);
});
