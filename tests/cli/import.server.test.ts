import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { listQuarantine, replayQuarantine } from '../../src/activities/quarantine.js';
import { SourceConflict } from '../../src/adapters/postgres/bulk-load.js';
import { describeImport, type ImportArguments, runImport } from '../../src/cli/import.js';
import { filmSchema } from '../../src/contracts/index.js';
import { type ExtractionBench, startExtractionBench } from '../support/extraction.js';

let bench: ExtractionBench;
beforeAll(async () => {
  bench = await startExtractionBench();
});
afterAll(() => bench.stop());
beforeEach(() => bench.reset({ empty: true }));

/** Writes files into a folder of this test; Latin-1 where it says so. */
function folder(name: string, files: Record<string, string>, encoding: BufferEncoding = 'utf8'): string {
  const path = join(bench.root(), name);
  mkdirSync(path, { recursive: true });
  for (const [file, text] of Object.entries(files)) writeFileSync(join(path, file), text, encoding);
  return path;
}
async function run(family: ImportArguments['family'], path: string, more: Partial<ImportArguments> = {}) {
  const [report] = await runImport({ family, paths: [path], assumeAge: 'adult', ...more }, bench.depsWith());
  if (report === undefined) throw new Error('no report');
  return report;
}
const films = () =>
  bench.query<{
    film_id: string;
    title: string;
    release_year: number | null;
    genres: string[];
    certificates: unknown;
  }>('SELECT film_id, title, release_year, genres, certificates FROM films ORDER BY film_id');

const FLAGS = (on: number) => Array.from({ length: 19 }, (_, i) => (i === on ? 1 : 0)).join('|');
const ml100k = () =>
  folder(
    'ml-100k',
    {
      'u.data':
        '1\t1\t5\t881250949\n2\t1\t3\t881250950\n2\t2\t1\t893286638\n2\t2\t1\t893286638\n1\t99\t4\t881250951\n3\t1\t0\t881250952\n1\t2\n9\t1\t4\t881250953\n',
      'u.item': `1|Misérables, Les (1995)|01-Jan-1995||http://x|${FLAGS(8)}\n2|unknown||||${FLAGS(0)}\n3|"Twin" Film (1997) |||u|${FLAGS(5)}\n4|"Twin" Film (1997)|||u|${FLAGS(5)}\n`,
      'u.user': '1|24|M|technician|85711\n2|13|F|other|94043\n3|53|F|other|94043\n',
    },
    'latin1',
  );

describe('MovieLens 100K', () => {
  test('comes in with its ages, its Latin-1 and its flaws', async () => {
    const report = await run('movielens', ml100k());
    expect(report).toMatchObject({
      source: 'movielens-100k',
      films: 4,
      profiles: 3,
      events: { read: 4, new: 3, known: 1 },
      span: { from: '1997-12-04', to: '1998-04-22' },
      quarantined: {
        total: 4,
        byReason: { 'film:unknown': 1, 'line:truncated': 1, 'user:unknown': 1, 'value:out-of-range': 1 },
      },
      warnings: { 'title:duplicate': 1, 'year:missing': 1 },
    });
    expect(await films()).toEqual([
      { film_id: '1', title: 'Les Misérables', release_year: 1995, genres: ['Drama'], certificates: {} },
      { film_id: '2', title: 'unknown', release_year: null, genres: [], certificates: {} },
      { film_id: '3', title: '"Twin" Film', release_year: 1997, genres: ['Comedy'], certificates: {} },
      { film_id: '4', title: '"Twin" Film', release_year: 1997, genres: ['Comedy'], certificates: {} },
    ]);
    // 1998 − 1 − age: the age rule (year − birth year − 1) gives the file's age on the data's last night.
    expect(
      await bench.query('SELECT profile_id, birth_year, is_adult_declared, consent FROM profiles ORDER BY 1'),
    ).toEqual([
      { profile_id: '1', birth_year: 1973, is_adult_declared: false, consent: 1 },
      { profile_id: '2', birth_year: 1984, is_adult_declared: false, consent: 1 },
      { profile_id: '3', birth_year: 1944, is_adult_declared: false, consent: 1 },
    ]);
    expect(await bench.query('SELECT value, ts FROM events ORDER BY ts LIMIT 1')).toEqual([
      { value: 10, ts: new Date(881250949 * 1000) },
    ]);
    expect(describeImport(report)).toContain('stars are doubled');
  });

  test('imported twice is imported once, and quarantined once', async () => {
    const path = ml100k();
    await run('movielens', path);
    expect((await run('movielens', path)).events).toEqual({ read: 4, new: 0, known: 4 });
    expect((await listQuarantine(bench.depsWith(), {})).total).toBe(4);
  });

  test('a refused rating passes after its film has come, on the scale that it was imported with', async () => {
    await run('movielens', ml100k());
    await bench.store.upsertFilms([filmSchema.parse({ filmId: '99', title: 'Late' })]);
    expect(await replayQuarantine(bench.depsWith(), {})).toMatchObject({ replayed: 1, remaining: 3 });
    const deps = bench.depsWith();
    const [segment] = await deps.artifacts.list('raw/movielens-100k');
    const rows = await deps.warehouse.session((session) =>
      session.rows('SELECT film_id, value, ts::VARCHAR AS ts FROM read_parquet($f)', {
        f: deps.artifacts.path(`${segment}/events.parquet`),
      }),
    );
    expect(rows).toEqual([{ film_id: '99', value: 8, ts: '1997-12-04 15:55:51' }]);
  });
});

test('MovieLens 1M: "::" text, age bands, "under 18" stays unknown', async () => {
  const path = folder('ml-1m', {
    'ratings.dat': '1::1193::5::978300760\n2::661::3::978302109\n',
    'movies.dat':
      "1193::One Flew Over the Cuckoo's Nest (1975)::Drama\n661::James (1996)::Animation|Children's\n",
    'users.dat': '1::F::1::10::48067\n2::M::56::16::70072\n',
  });
  await run('movielens', path);
  expect(
    await bench.query('SELECT profile_id, birth_year, is_adult_declared FROM profiles ORDER BY 1'),
  ).toEqual([
    { profile_id: '1', birth_year: null, is_adult_declared: false },
    { profile_id: '2', birth_year: 2000 - 1 - 56, is_adult_declared: false },
  ]);
  expect((await films()).map(({ genres }) => genres)).toEqual([['Drama'], ['Animation', "Children's"]]);
});

test('MovieLens latest: half stars, quoted titles, no genres, no year', async () => {
  const path = folder('ml-latest', {
    'ratings.csv': 'userId,movieId,rating,timestamp\n1,1,0.5,978300760\n1,2,4.5,978300761\n',
    'movies.csv':
      'movieId,title,genres\n1,"American President, The (1995)",Comedy|Drama\n2,Babylon 5,(no genres listed)\n',
  });
  const report = await run('movielens', path);
  expect(report).toMatchObject({ source: 'movielens', warnings: { 'year:missing': 1 } });
  expect((await films()).map(({ title, genres }) => [title, genres])).toEqual([
    ['The American President', ['Comedy', 'Drama']],
    ['Babylon 5', []],
  ]);
  expect(await bench.query('SELECT value FROM events ORDER BY ts')).toEqual([{ value: 1 }, { value: 9 }]);
});

describe('MovieTweetings', () => {
  test('titles stay as they are: a last article is a convention of MovieLens', async () => {
    await run(
      'movietweetings',
      folder('mt-titles', {
        'ratings.dat': '1::0000001::10::1381620027\n',
        'movies.dat': '0000001::Live, Die (2012)::Drama\n',
      }),
    );
    expect((await films()).map(({ title }) => title)).toEqual(['Live, Die']);
  });

  const path = () =>
    folder('mt', {
      'ratings.dat': '1::0068646::10::1381620027\n2::0068646::0::1381620028\n2::0111161::1::1381620029\n',
      'movies.dat': "0068646::The Godfather (1972)::Crime|Drama\n0111161::L'été (1994)::\n",
    });

  test('keeps its scale and leading zeros; a rating 0 is refused, never "unrated"', async () => {
    const report = await run('movietweetings', path());
    expect(report).toMatchObject({
      events: { new: 2 },
      quarantined: { total: 1, byReason: { 'value:out-of-range': 1 } },
    });
    expect((await films()).map(({ film_id, title }) => [film_id, title])).toEqual([
      ['0068646', 'The Godfather'],
      ['0111161', "L'été"],
    ]);
    const { samples } = await listQuarantine(bench.depsWith(), {});
    expect(samples).toMatchObject([
      { reasons: ['value:out-of-range'], fields: '{"film_id":"0068646","value":"0","ts":"1381620028"}' },
    ]);
  });

  test.each([
    ['adult', true],
    ['unknown', false],
  ] as const)('--assume-age %s', async (assumeAge, isAdult) => {
    const report = await run('movietweetings', path(), { assumeAge });
    expect(await bench.query('SELECT DISTINCT is_adult_declared FROM profiles')).toEqual([
      { is_adult_declared: isAdult },
    ]);
    expect(
      report.assumptions.some((text) => text.includes(isAdult ? 'taken as adults' : 'unknown age')),
    ).toBe(true);
  });
});

describe('plain CSV', () => {
  test('with a header in other words, five stars seen from the greatest rating, and a films file', async () => {
    const path = folder('mine', {
      'ratings.csv':
        'User;Movie;Stars;Date;mood\nann;m1;5;2026-03-01T10:00:00Z;happy\nbob;m2;0.5;2026-03-02;\n',
      'films.csv':
        'id,title,year,genre,runtime,mpa\nm1,"M, the film",1931,Crime|Drama,99,PG\nm2,Metropolis,1927,,,\n',
    });
    expect(await run('csv', path)).toMatchObject({ films: 2, profiles: 2, events: { new: 2 } });
    expect(await films()).toEqual([
      {
        film_id: 'm1',
        title: 'M, the film',
        release_year: 1931,
        genres: ['Crime', 'Drama'],
        certificates: { MPA: ['PG'] },
      },
      { film_id: 'm2', title: 'Metropolis', release_year: 1927, genres: [], certificates: {} },
    ]);
    expect(await bench.query('SELECT value, extra FROM events ORDER BY ts')).toEqual([
      { value: 10, extra: { mood: 'happy' } },
      { value: 1, extra: { mood: null } },
    ]);
  });

  test('a file without header, ten points, no films', async () => {
    const path = folder('bare', { 'likes.csv': 'ann,m1,9,1772359200\nbob,m1,4,1772359201\n' });
    const report = await run('csv', join(path, 'likes.csv'));
    expect(report).toMatchObject({ films: 1, events: { new: 2 }, warnings: { 'year:missing': 1 } });
    expect(report.assumptions.join()).toContain('no films file');
  });

  test.each([
    ['a header that lacks a column', { 'ratings.csv': 'user,movie,stars\na,b,1\n' }, 'no column for ts'],
    ['too few columns', { 'ratings.csv': 'a,b,1\n' }, 'expected viewer, film, rating, timestamp'],
    ['an empty file', { 'ratings.csv': '' }, 'is empty'],
    ['no usable row', { 'ratings.csv': 'a,b,0,1772359200\n' }, 'nothing was imported'],
    ['nothing there', { 'notes.md': '' }, 'expected ratings.csv'],
  ])('%s is refused in words', async (name, files, message) => {
    await expect(run('csv', folder(`bad ${name}`, files))).rejects.toThrow(message);
    expect(await bench.store.counts()).toEqual({ films: 0, profiles: 0, events: 0 });
  });
});

describe('certificates', () => {
  test.each([
    [
      'by scheme and certificate',
      'film_id,scheme,certificate\n0068646,mpa,R\n0068646,BBFC,X|18\n404,MPA,G\n',
    ],
    ['a column a scheme', 'movieId,MPA,BBFC\n0068646,R,X|18\n404,G,\n'],
  ])(
    '%s are joined, unknown films are counted, and an import without them keeps them',
    async (name, text) => {
      const path = folder('mt', {
        'ratings.dat': '1::0068646::10::1381620027\n',
        'movies.dat': '0068646::The Godfather (1972)::Crime\n',
      });
      const file = join(folder('certs', { [`${name}.csv`]: text }), `${name}.csv`);
      expect((await run('movietweetings', path, { certificates: file })).warnings).toEqual({
        'certificate:unknown-film': 1,
      });
      await run('movietweetings', path);
      expect((await films())[0]?.certificates).toEqual({ MPA: ['R'], BBFC: ['18', 'X'] });
    },
  );

  test('a file of another form is refused with what it should have', async () => {
    const path = folder('mt', {
      'ratings.dat': '1::1::10::1381620027\n',
      'movies.dat': '1::A (1972)::Crime\n',
    });
    const file = join(folder('certs', { 'c.csv': 'film,grade\n1,PG\n' }), 'c.csv');
    await expect(run('movietweetings', path, { certificates: file })).rejects.toThrow(
      'film_id,scheme,certificate',
    );
  });
});

test('a second source whose ids collide is refused, and leaves nothing', async () => {
  await run('movielens', ml100k());
  const other = folder('mt', {
    'ratings.dat': '1::1::0::1\n1::1::10::1381620027\n',
    'movies.dat': '1::Other (1972)::Crime\n',
  });
  await expect(run('movietweetings', other)).rejects.toThrow(SourceConflict);
  expect((await listQuarantine(bench.depsWith(), { source: 'movietweetings' })).total).toBe(0);
  expect((await films())[0]?.title).toBe('Les Misérables');
});

test.each([
  ['movielens', 'is no MovieLens folder'],
  ['movietweetings', 'is no MovieTweetings folder'],
] as const)(
  '%s: a folder that is something else is refused with what was looked for',
  async (family, message) => {
    await expect(run(family, folder('else', { 'a.txt': '' }))).rejects.toThrow(message);
  },
);

const DATA = process.env['MATINEE_TEST_DATA'];
describe.skipIf(DATA === undefined)(
  'real data (set MATINEE_TEST_DATA to a folder with ml-100k and movietweetings)',
  () => {
    test('MovieLens 100K', async () => {
      expect(await run('movielens', join(DATA ?? '', 'ml-100k'))).toMatchObject({
        films: 1682,
        profiles: 943,
        events: { new: 100_000 },
        quarantined: { total: 0 },
        warnings: { 'title:duplicate': 18, 'year:missing': 1 },
        span: { from: '1997-09-20', to: '1998-04-22' },
      });
      expect(
        await bench.query('SELECT count(*)::integer AS n FROM profiles WHERE 1998 - birth_year - 1 < 18'),
      ).toEqual([{ n: 36 }]);
    });

    test('MovieTweetings', async () => {
      expect(await run('movietweetings', join(DATA ?? '', 'movietweetings'))).toMatchObject({
        films: 10_506,
        profiles: 16_554,
        events: { new: 99_988 },
        quarantined: { total: 12, byReason: { 'value:out-of-range': 12 } },
      });
    });
  },
);
