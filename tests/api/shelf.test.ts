import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { CatalogueFilm } from '../../src/contracts/release.js';
import { HttpProblem } from '../../src/api/problem.js';
import { words } from '../../src/api/search-index.js';
import { createShelf, type ShelfQuestion } from '../../src/api/shelf.js';
import { config, film, formulaOf } from './world.js';

const ADULT = { market: 'default', maxAge: 18 };
const CHILD = { market: 'default', maxAge: 6 };

const shelfOf = (films: CatalogueFilm[], releaseId = 'f1') =>
  createShelf({ releaseId, night: '2026-05-31', lists: formulaOf(films) }, config);
const idsOf = (shelf: ReturnType<typeof shelfOf>, question: Partial<ShelfQuestion>, audience = ADULT) =>
  shelf.search({ limit: 100, ...question }, audience).items.map(({ movieId }) => movieId);

const classics = [
  film('psycho', 16, { title: 'Psycho', year: 1960, directors: ['Alfred Hitchcock'], genres: ['Horror'] }),
  film('cleo', 6, { title: 'Cléo from 5 to 7', year: 1962, directors: ['Agnès Varda'], genres: ['Drama'] }),
  film('mash', 16, { title: 'M*A*S*H', year: 1970, genres: ['Comedy', 'War'], actors: ['Elliott Gould'] }),
  film('kes', 6, { title: 'Kes', year: 1969, genres: ['Drama', 'Family'], directors: ['Ken Loach'] }),
  film('bambi', 0, { title: 'Bambi', year: 1942, genres: ['Family'], averageRating: null, votes: 0 }),
];

it('finds by the beginnings of words in titles, people and years, without accents and punctuation', () => {
  const shelf = shelfOf(classics);
  expect(idsOf(shelf, { query: 'hitch' })).toEqual(['psycho']);
  expect(idsOf(shelf, { query: 'CLEO varda' })).toEqual(['cleo']);
  expect(idsOf(shelf, { query: 'mash' })).toEqual(['mash']);
  expect(idsOf(shelf, { query: 'psycho 1960' })).toEqual(['psycho']);
  expect(idsOf(shelf, { query: 'psycho 1942' })).toEqual([]);
  expect(idsOf(shelf, { query: 'pshyco' })).toEqual(['psycho']);
  expect(idsOf(shelf, { query: '?!' })).toHaveLength(classics.length);
});

it('titles come before people, and of equal matches the better known', () => {
  const shelf = shelfOf([
    film('1', 0, { title: 'A Day Out', actors: ['Ida Star'] }),
    film('2', 0, { title: 'Star of the East', votes: 10 }),
    film('3', 0, { title: 'Star of the West', votes: 1000 }),
  ]);
  expect(idsOf(shelf, { query: 'star' })).toEqual(['3', '2', '1']);
});

it('words are compared without case, accents and apostrophes; marks that carry vowels stay', () => {
  expect(words('Schindler’s Łódź')).toEqual(['schindlers', 'lodz']);
  expect(words('8½')).toEqual(['8', '1', '2']);
  expect(words('পথের পাঁচালী')).toEqual(['পথের', 'পাঁচালী'].map((word) => word.normalize('NFKD')));
});

it('genres, in any spelling of one, and decades narrow the list, in the order of the Top list', () => {
  const shelf = shelfOf([...classics, film('sf', 0, { genres: ['Sci-Fi'] })]);
  expect(idsOf(shelf, { genre: 'drama' })).toEqual(['cleo', 'kes']);
  expect(idsOf(shelf, { genre: 'sci fi' })).toEqual(['sf']);
  expect(idsOf(shelf, { decade: 1960 })).toEqual(['psycho', 'cleo', 'kes']);
  expect(idsOf(shelf, { genre: 'Drama', decade: 1960, query: 'k' })).toEqual(['kes']);
  expect(shelf.facets(CHILD)).toEqual({
    genres: [
      { genre: 'Drama', count: 2 },
      { genre: 'Family', count: 2 },
      { genre: 'Sci-Fi', count: 1 },
    ],
    decades: [
      { decade: 1940, count: 1 },
      { decade: 1950, count: 1 },
      { decade: 1960, count: 2 },
    ],
  });
});

it('a film shows its facts and the numbers of its weighted rating', () => {
  const shelf = shelfOf(classics);
  expect(shelf.film('cleo', ADULT)).toEqual({
    release: 'f1',
    movieId: 'cleo',
    title: 'Cléo from 5 to 7',
    year: 1962,
    genres: ['Drama'],
    actors: [],
    directors: ['Agnès Varda'],
    runtimeMin: 90,
    countries: [],
    languages: [],
    certificates: { FSK: ['6'] },
    minAge: 6,
    votes: 100,
    averageRating: 8,
    weightedRating: 7.5,
    formula: { v: 100, R: 8, m: 100, C: 6 },
  });
  expect(shelf.film('bambi', ADULT)?.formula.R).toBeNull();
  expect(shelf.film('psycho', CHILD)).toBeNull();
  expect(shelf.film('nobody', ADULT)).toBeNull();
});

it('films similar to one that this audience may not see are not told', () => {
  const shelf = shelfOf(classics);
  expect(shelf.similar('cleo', ADULT, 10).items.map(({ movieId, why }) => [movieId, why])).toContainEqual([
    'kes',
    { kind: 'facts', text: 'Also Drama of the 1960s' },
  ]);
  expect(shelf.similar('psycho', CHILD, 10).items).toEqual([]);
});

it('pages follow one another to the end, every film once', () => {
  const films = Array.from({ length: 25 }, (_, i) => film(`f${i}`, 0));
  const shelf = shelfOf(films);
  const seen: [number, string][] = [];
  let cursor: string | undefined;
  do {
    const page = shelf.search({ limit: 10, cursor }, ADULT);
    expect(page.total).toBe(25);
    seen.push(...page.items.map(({ rank, movieId }): [number, string] => [rank, movieId]));
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  expect(seen).toEqual(films.map(({ filmId }, i) => [i + 1, filmId]));
});

it('a cursor goes on behind its film in the next release, and at its rank when the film is gone', () => {
  const films = Array.from({ length: 6 }, (_, i) => film(`f${i}`, 0));
  const cursor = shelfOf(films).search({ limit: 2 }, ADULT).nextCursor ?? '';
  const first = shelfOf([film('new', 0), ...films], 'f2').search({ limit: 2, cursor }, ADULT);
  expect(first.items.map(({ rank, movieId }) => [rank, movieId])).toEqual([
    [4, 'f2'],
    [5, 'f3'],
  ]);
  const gone = films.filter(({ filmId }) => filmId !== 'f1');
  expect(idsOf(shelfOf(gone, 'f3'), { limit: 2, cursor })).toEqual(['f3', 'f4']);
});

it('cursors of another question, and what is no cursor, are refused by name', () => {
  const shelf = shelfOf(classics);
  const cursor = shelf.search({ limit: 1 }, ADULT).nextCursor ?? '';
  expect(() => shelf.search({ limit: 1, cursor, genre: 'War' }, ADULT)).toThrow(/cursor: belongs to another/);
  for (const bad of ['', 'x', 'bnVsbA', cursor.slice(0, 10), Buffer.from('[1,2,3]').toString('base64url')]) {
    expect(() => shelf.search({ limit: 1, cursor: bad }, ADULT)).toThrow(HttpProblem);
  }
});

it('no audience is ever shown, counted or told a film that is not for it', () => {
  const ages = fc.constantFrom(undefined, 0, 6, 12, 16, 18);
  const catalogue = fc.array(
    fc.tuple(ages, fc.constantFrom('*', 'KR', 'US'), fc.constantFrom('Drama', 'War')),
    {
      minLength: 1,
      maxLength: 20,
    },
  );
  fc.assert(
    fc.property(
      catalogue,
      fc.integer({ min: 0, max: 40 }),
      fc.constantFrom('KR', 'us'),
      (rows, maxAge, market) => {
        const films = rows.map(([age, held, genre], i) =>
          film(`${i}`, age, { markets: [held], genres: [genre], title: `Common ${i}` }),
        );
        const allowed = new Set(
          rows.flatMap(([age, held], i) =>
            (age ?? 18) <= maxAge && (held === '*' || held === market.toUpperCase()) ? [`${i}`] : [],
          ),
        );
        const shelf = shelfOf(films);
        const audience = { market, maxAge };
        for (const query of [undefined, 'common', 'commmon']) {
          const page = shelf.search({ query, limit: 100 }, audience);
          expect(new Set(page.items.map(({ movieId }) => movieId))).toEqual(allowed);
          expect(page.total).toBe(allowed.size);
        }
        for (const { filmId } of films) {
          expect(shelf.film(filmId, audience) !== null).toBe(allowed.has(filmId));
          for (const { movieId } of shelf.similar(filmId, audience, 100).items) {
            expect([allowed.has(filmId), allowed.has(movieId)]).toEqual([true, true]);
          }
        }
        const { genres } = shelf.facets(audience);
        expect(genres.reduce((sum, { count }) => sum + count, 0)).toBe(allowed.size);
      },
    ),
    { numRuns: 60 },
  );
});

it('an average from elsewhere is shown, with its part in the weighted rating', () => {
  // m = 100, externalShare 0.5: 50 of the house's votes are of 9 instead of 6: (0 + 50·6 + 50·9) / 100.
  const shelf = shelfOf([
    film('known', 0, {
      votes: 0,
      averageRating: null,
      external: { average: 9, votes: 12_000 },
      weightedRating: 7.5,
    }),
  ]);
  expect(shelf.film('known', ADULT)).toMatchObject({
    external: { average: 9, votes: 12_000 },
    weightedRating: 7.5,
    formula: { v: 0, R: null, m: 100, C: 6, e: 50, E: 9 },
  });
});
