import { describe, expect, test } from 'vitest';
import { configSchema } from '../../src/contracts/config.js';
import type { CatalogueFilm, FormulaLists } from '../../src/contracts/release.js';
import { createCatalogue } from '../../src/core/ranking/catalogue.js';
import { bandOf, popularCells, popularIn } from '../../src/core/ranking/popular.js';
import { createListMaker } from '../../src/core/ranking/viewer-list.js';

const config = configSchema.parse({});
const ageBands = [7, 12, 18];

describe('cells', () => {
  test('a band begins at its bound', () => {
    expect([0, 6, 7, 11, 12, 17, 18, 98].map((age) => bandOf(age, ageBands))).toEqual([
      0, 0, 1, 1, 2, 2, 3, 3,
    ]);
  });

  test('films by viewers, then by id; cells in one order whatever the rows’', () => {
    const rows = [
      { market: 'DE', band: 3, filmId: 'b', viewers: 7 },
      { market: '', band: -1, filmId: 'a', viewers: 90 },
      { market: 'DE', band: 3, filmId: 'c', viewers: 9 },
      { market: 'DE', band: 3, filmId: 'a', viewers: 7 },
      { market: 'DE', band: -1, filmId: 'a', viewers: 20 },
    ];
    const cells = [
      { market: '', band: -1, films: ['a'] },
      { market: 'DE', band: -1, films: ['a'] },
      { market: 'DE', band: 3, films: ['c', 'a', 'b'] },
    ];
    expect(popularCells(rows)).toEqual(cells);
    expect(popularCells(rows.toReversed())).toEqual(cells);
  });

  test('four hundred films of a cell, the most liked of them, as the mart keeps', () => {
    const films = Array.from({ length: 450 }, (_, n) => `f${100 + n}`);
    const rows = films.map((filmId, n) => ({ market: '', band: -1, filmId, viewers: 10 + n }));
    expect(popularCells(rows)).toEqual([{ market: '', band: -1, films: films.slice(50).toReversed() }]);
  });

  test('the viewer’s band of the market, then the market, then everybody; each film once, markets in any case', () => {
    const popular = {
      ageBands,
      cells: [
        { market: '', band: -1, films: ['everywhere', 'own', 'market'] },
        { market: 'DE', band: -1, films: ['market', 'own'] },
        { market: 'DE', band: 3, films: ['own'] },
        { market: 'KR', band: 3, films: ['abroad'] },
      ],
    };
    expect(popularIn(popular, ' de', 40)).toEqual(['own', 'market', 'everywhere']);
    expect(popularIn(popular, 'DE', 8)).toEqual(['market', 'own', 'everywhere']);
    expect(popularIn(popular, 'FR', 40)).toEqual(['everywhere', 'own', 'market']);
    expect(popularIn({ ageBands, cells: [] }, 'DE', 40)).toEqual([]);
  });
});

describe('the list of a viewer of whom nothing is known', () => {
  const filmOf = (filmId: string, age: number, more: Partial<CatalogueFilm> = {}): CatalogueFilm => ({
    filmId,
    title: filmId,
    year: 1950,
    genres: ['Drama'],
    actors: [],
    directors: [],
    runtimeMin: 90,
    countries: [],
    languages: [],
    markets: ['*'],
    certificates: { FSK: [String(age)] },
    addedAt: null,
    votes: 100,
    averageRating: 8,
    weightedRating: 7.5,
    ...more,
  });
  const films = [filmOf('adult', 18), filmOf('loved', 0), filmOf('rare', 0), filmOf('top', 0)];
  const formula: FormulaLists = {
    m: 10,
    c: 6,
    votes: 100,
    films,
    top: ['top', 'adult', 'loved', 'rare'],
    eligible: 4,
    provisional: false,
    newArrivals: ['rare'],
    heldArrivals: [],
    popular: { ageBands, cells: [{ market: 'DE', band: 1, films: ['adult', 'gone', 'loved'] }] },
  };
  const listOf = (maxAge: number, lists = formula, market = 'de') => {
    const makeLists = createListMaker(createCatalogue(lists, config.ages), null, config);
    const [list] = makeLists([{ market, maxAge, isPersonal: true, history: [] }]);
    return list!.items.map(({ film, score, reason }) => [films[film]!.filmId, score, reason.text]);
  };

  test('begins with what is popular there and may be shown, and goes on by the formula', () => {
    expect(listOf(8)).toEqual([
      ['loved', 7.5, 'Popular now'],
      ['top', 7.5, 'Popular'],
      ['rare', 7.5, 'New'],
    ]);
  });

  test('is the Top list where no cell is told, and in releases of earlier versions', () => {
    const top = [
      ['top', 7.5, 'Popular'],
      ['loved', 7.5, 'Popular'],
      ['rare', 7.5, 'New'],
    ];
    expect(listOf(12)).toEqual(top);
    expect(listOf(8, formula, 'KR')).toEqual(top);
    const { popular: _none, ...before } = formula;
    expect(listOf(8, before)).toEqual(top);
  });
});
