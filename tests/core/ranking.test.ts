import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { configSchema } from '../../src/contracts/config.js';
import type { CatalogueFilm } from '../../src/contracts/release.js';
import { createCatalogue } from '../../src/core/ranking/catalogue.js';
import { selectTop } from '../../src/core/ranking/select-top.js';
import type { Interaction } from '../../src/core/ranking/viewer.js';
import { createListMaker } from '../../src/core/ranking/viewer-list.js';

const all = () => true;

describe('selectTop', () => {
  test('best first; ties go to the smaller row', () => {
    expect(selectTop(Float64Array.of(1, 3, 2, 3, 0), all, 4)).toEqual([1, 3, 2, 0]);
  });

  test('only candidates, and never a score that is not a number', () => {
    expect(selectTop(Float64Array.of(1, Number.NaN, 2, 3), (row) => row !== 3, 9)).toEqual([2, 0]);
    expect(selectTop(Float64Array.of(Number.NaN, 1), all, 1)).toEqual([1]);
  });

  test('nothing wanted, nothing there', () => {
    expect(selectTop(Float64Array.of(1), all, 0)).toEqual([]);
    expect(selectTop(new Float64Array(0), all, 5)).toEqual([]);
  });

  test('equals sorting everything', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -3, max: 3 }), { maxLength: 80 }),
        fc.nat(20),
        fc.func(fc.boolean()),
        (values, size, candidate) => {
          const expected = values
            .map((score, row) => ({ score, row }))
            .filter(({ row }) => candidate(row))
            .sort((a, b) => b.score - a.score || a.row - b.row)
            .slice(0, size)
            .map(({ row }) => row);
          expect(selectTop(Float64Array.from(values), candidate, size)).toEqual(expected);
        },
      ),
    );
  });
});

describe('a personal list that is too short', () => {
  const filmOf = (filmId: string, more: Partial<CatalogueFilm> = {}): CatalogueFilm => ({
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
    certificates: { FSK: ['0'] },
    addedAt: null,
    votes: 100,
    averageRating: 8,
    weightedRating: 7.5,
    ...more,
  });
  const films = [
    filmOf('abroad', { markets: ['KR'] }),
    filmOf('adult', { certificates: { FSK: ['18'] } }),
    filmOf('best'),
    filmOf('disliked'),
    filmOf('modelled'),
    filmOf('new'),
    filmOf('seen'),
    filmOf('worst', { votes: 0 }),
  ];
  const index = (filmId: string) => films.findIndex((film) => film.filmId === filmId);
  const formula = {
    m: 10,
    c: 6,
    votes: 100,
    films,
    top: ['adult', 'abroad', 'disliked', 'seen', 'modelled', 'best', 'new', 'worst'],
    eligible: 8,
    provisional: false,
    newArrivals: ['new'],
    heldArrivals: [],
  };
  /** k = 1, and the film seen has a positive factor: so has the viewer. */
  const model = {
    factors: Float32Array.of(0.5, 1, 1),
    filmIds: ['adult', 'modelled', 'seen'],
    standing: Array(3).fill({ positives: 1, trendMicro: 0 }),
    kind: 'als' as const,
    hyper: { k: 1, alpha0: 0.3, lambda: 0.007, nu: 1 },
  };
  const cell = { weightMicro: 0, isSeen: false, isDisliked: false, isHidden: false, kind: 2 };
  const listOf = (size: number, more: Interaction[] = []) => {
    const { ages, lists, eligibility, blend } = configSchema.parse({ lists: { size } });
    const history = [
      { ...cell, film: index('disliked'), isDisliked: true },
      { ...cell, film: index('seen'), isSeen: true, weightMicro: 1_000_000 },
      ...more,
    ];
    const viewer = { market: 'default', maxAge: 12, isPersonal: true, history };
    const makeLists = createListMaker(createCatalogue(formula, ages), model, { lists, eligibility, blend });
    return makeLists([viewer])[0]!;
  };

  test('is filled up from the formula, filtered alike, nothing twice, its items marked and not scored', () => {
    const { servedBy, items } = listOf(50);
    expect(servedBy).toBe('personal');
    expect(items.map(({ film, reason }) => [films[film]!.filmId, reason.kind, reason.text])).toEqual([
      ['modelled', 'watched', 'Because you watched seen'],
      ['best', 'popular', 'Popular'],
      ['new', 'new', 'New'],
      ['worst', 'popular', 'From the catalogue'],
    ]);
    expect(items.slice(1).map(({ score }) => score)).toEqual([0, 0, 0]);
  });

  test('a film that was saved and not seen yet is listed, and never as a reason for itself', () => {
    const saved = { ...cell, film: index('modelled'), weightMicro: 3_000_000, kind: 3 };
    const [first] = listOf(50, [saved]).items;
    expect(films[first!.film]!.filmId).toBe('modelled');
    expect(first!.reason).toEqual({ kind: 'watched', text: 'Because you watched seen', movieIds: ['seen'] });
  });

  test('nothing that the viewer asked not to be shown, in neither part of the list', () => {
    const hidden = ['modelled', 'best'].map((filmId) => ({ ...cell, film: index(filmId), isHidden: true }));
    const titles = listOf(50, hidden).items.map(({ film }) => films[film]!.filmId);
    expect(titles).toEqual(['new', 'worst']);
  });

  test('up to the size of a list and no further', () => {
    expect(listOf(2).items.map(({ film }) => films[film]!.filmId)).toEqual(['modelled', 'best']);
    expect(listOf(1).items.map(({ film }) => films[film]!.filmId)).toEqual(['modelled']);
  });
});
