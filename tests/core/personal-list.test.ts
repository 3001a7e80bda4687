import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { configSchema } from '../../src/contracts/config.js';
import type { CatalogueFilm, FormulaLists } from '../../src/contracts/release.js';
import { createViewerSolver } from '../../src/core/als/solve-viewer.js';
import { createExplainer } from '../../src/core/explain/why.js';
import { packLists } from '../../src/core/metrics/film-lists.js';
import { createJudgement, topOf } from '../../src/core/metrics/judgement.js';
import { createViewerRanker } from '../../src/core/metrics/rank-viewers.js';
import { createBlend, genreTasteOf } from '../../src/core/ranking/blend.js';
import { createCatalogue } from '../../src/core/ranking/catalogue.js';
import type { Model } from '../../src/core/ranking/model.js';
import { createListMaker, createListMakers } from '../../src/core/ranking/viewer-list.js';

const WATCHED = 2;
const hyper = { k: 2, alpha0: 0.3, lambda: 0.007, nu: 1 };

const filmOf = (filmId: string, genres: string[]): CatalogueFilm => ({
  filmId,
  title: filmId.toUpperCase(),
  year: 1950,
  genres,
  actors: [],
  directors: [],
  runtimeMin: 90,
  countries: [],
  languages: [],
  markets: ['*'],
  certificates: { FSK: ['0'] },
  addedAt: null,
  votes: 1,
  averageRating: 8,
  weightedRating: 7.5,
});
const formulaOf = (films: CatalogueFilm[]): FormulaLists => ({
  m: 10,
  c: 6,
  votes: films.length,
  films,
  top: films.map(({ filmId }) => filmId),
  eligible: films.length,
  provisional: false,
  newArrivals: [],
  heldArrivals: [],
});

/** `liked`: indexes of the films that the viewer watched. */
function listOf(
  films: CatalogueFilm[],
  model: Model,
  liked: number[],
  weights: { nowWeight?: number; genreWeight?: number } = {},
  size = 50,
) {
  const { ages, lists, eligibility, blend } = configSchema.parse({ blend: weights, lists: { size } });
  const catalogue = createCatalogue(formulaOf(films), ages);
  const history = liked.map((film) => ({
    film,
    weightMicro: 1_000_000,
    isSeen: true,
    isDisliked: false,
    isHidden: false,
    kind: WATCHED,
  }));
  const viewer = { market: 'default', maxAge: 40, isPersonal: true, history };
  return createListMaker(catalogue, model, { lists, eligibility, blend })([viewer])[0]!;
}

describe('each item says why it is there', () => {
  // Two tastes by factor and genre; `hit` is what everybody watches now; `rare` is not in the model.
  const films = [
    filmOf('a1', ['Western']),
    filmOf('a2', ['Western']),
    filmOf('a3', ['Musical']),
    filmOf('b1', ['Musical']),
    filmOf('b2', ['Musical']),
    filmOf('hit', ['Drama']),
    filmOf('rare', ['Western']),
  ];
  const model: Model = {
    kind: 'als',
    factors: Float32Array.of(1, 0, 0.9, 0, 0.9, 0, 0, 1, 0, 0.9, 0.1, 0.1),
    filmIds: ['a1', 'a2', 'a3', 'b1', 'b2', 'hit'],
    standing: [5, 5, 5, 5, 5, 5].map((positives, row) => ({ positives, trendMicro: row === 5 ? 9e6 : 0 })),
    hyper,
  };
  const reasons = (list: ReturnType<typeof listOf>) =>
    Object.fromEntries(
      list.items.map(({ film, reason }) => [films[film]!.filmId, [reason.kind, reason.text]]),
    );

  test('a film of the same taste cites the history; what everybody watches says so, and cites nothing', () => {
    const list = listOf(films, model, [0]);
    expect(list.servedBy).toBe('personal');
    expect(reasons(list)).toMatchObject({
      a3: ['watched', 'Because you watched A1'],
      hit: ['popular', 'Popular now'],
    });
    expect(list.items.find(({ film }) => film === 5)?.reason.movieIds).toEqual([]);
  });

  test('who liked only what the model does not know gets a list by genre, not by somebody else’s films', () => {
    const list = listOf(films, model, [6]);
    expect(list.servedBy).toBe('personal');
    const [a1] = list.items.filter(({ film }) => film === 0);
    expect(a1?.reason).toEqual({ kind: 'genre', text: 'Because you like Western', movieIds: [] });
    expect(list.items.every(({ reason }) => reason.movieIds.length === 0)).toBe(true);
    expect(list.items.findIndex(({ film }) => film === 0)).toBeLessThan(
      list.items.findIndex(({ film }) => film === 3),
    );
  });

  test('without genres in the order that viewer is served by the formula, as is a list of nothing but hits', () => {
    expect(listOf(films, model, [6], { genreWeight: 0 }).servedBy).toBe('formula');
    expect(listOf(films, model, [0], { nowWeight: 1000 }, 1).servedBy).toBe('formula');
    expect(listOf(films, model, [0], { nowWeight: 1000 }, 2).servedBy).toBe('personal');
  });
});

test('what hangs on the model alone is worked out once, for lists and for explanations', () => {
  let readings = 0;
  const model: Model = {
    kind: 'als',
    factors: Float32Array.of(1, 0, 0.9, 0.1, 0, 1),
    filmIds: ['a', 'b', 'c'],
    standing: [3, 2, 1].map((positives) => ({ positives, trendMicro: 0 })),
    get hyper() {
      readings++;
      return hyper;
    },
  };
  const settings = configSchema.parse({});
  const catalogues = ['Drama', 'Western'].map((genre) =>
    createCatalogue(formulaOf(model.filmIds.map((id) => filmOf(id, [genre, id]))), settings.ages),
  );
  const history = [{ film: 0, weightMicro: 2_000_000, isSeen: true, isDisliked: false, isHidden: false, kind: WATCHED }]; // prettier-ignore
  const viewer = { market: 'default', maxAge: 40, isPersonal: true, history };
  const alone = catalogues.map((catalogue) => ({
    list: createListMaker(catalogue, model, settings)([viewer]),
    why: createExplainer(model, settings)(catalogue, viewer, 1),
  }));
  const before = readings;
  const [makers, explain] = [createListMakers(model, settings), createExplainer(model, settings)];
  const laidOut = readings;
  expect(laidOut).toBeGreaterThan(before);
  for (const [n, catalogue] of catalogues.entries()) {
    expect(makers(catalogue)([viewer])).toEqual(alone[n]!.list);
    expect(explain(catalogue, viewer, 1)).toEqual(alone[n]!.why);
  }
  expect(readings).toBe(laidOut);
});

test('the judgement ranks exactly what is served', () => {
  const config = configSchema.parse({});
  const genres = fc.subarray(['A', 'B', 'C']);
  // known: has factors of its own; isNew: has some by its facts
  const film = fc.record({ genres, trend: fc.nat(9_000_000), positives: fc.nat(50), known: fc.boolean(), isNew: fc.boolean() }); // prettier-ignore
  fc.assert(
    fc.property(fc.array(film, { minLength: 6, maxLength: 20 }), fc.gen(), (drawn, draw) => {
      const films = drawn.map((d, i) => filmOf(`f${String(i).padStart(2, '0')}`, d.genres));
      const rows = drawn.flatMap((d, i) => (d.known || i === 0 ? [i] : []));
      const factors = Float32Array.from({ length: rows.length * 2 }, () => draw(() => fc.integer({ min: -100, max: 100 })) / 100); // prettier-ignore
      const standing = rows.map((i) => ({ positives: drawn[i]!.positives, trendMicro: drawn[i]!.trend }));
      const filmIds = rows.map((i) => films[i]!.filmId);
      const liked = [0, 3].filter((i) => i < films.length);
      const fresh = drawn.flatMap((d, i) => (d.isNew && !rows.includes(i) ? [i] : []));
      const prior = Float32Array.from({ length: fresh.length * 2 }, () => draw(() => fc.integer({ min: -200, max: 200 })) / 100); // prettier-ignore
      const cold = { factors: prior, films: fresh.map((i) => ({ filmId: films[i]!.filmId, isNew: true })) };
      const served = listOf(films, { kind: 'als', factors, filmIds, standing, hyper, cold }, liked);

      const every = [...rows, ...fresh];
      const rowOfFilm = Int32Array.from(films, (_, i) => every.indexOf(i));
      const solver = createViewerSolver(factors, hyper);
      const cells = liked.filter((i) => rows.includes(i));
      const x = solver.solveViewer({
        filmRows: cells.map((i) => rowOfFilm[i]!),
        weightMicro: cells.map(() => 1_000_000),
      });
      const blend = createBlend(
        every.map((i, row) => ({ positives: 0, trendMicro: 0, ...standing[row], genres: films[i]!.genres })),
        config.blend,
        rows.length,
      );
      const taste = genreTasteOf(
        blend,
        liked.map((i) => ({ genres: films[i]!.genres, weightMicro: 1_000_000 })),
      );
      const judgement = createJudgement({
        films: films.length,
        relevant: packLists([[]]),
        seen: packLists([liked]),
        classOf: Int32Array.of(0),
        hidden: new Uint8Array(films.length),
        candidates: null,
        ks: [50],
        scorers: [
          {
            kind: 'blend',
            name: 'blend',
            taste: {
              kind: 'factors',
              name: 'als',
              stride: 2,
              viewers: Float32Array.from(x),
              films: Float32Array.from([...factors, ...prior]),
              rowOfFilm,
            },
            listSize: config.lists.size,
            rowOfFilm,
            blend,
            genreTaste: taste ?? new Float64Array(blend.genreNames.length),
          },
        ],
      });
      createViewerRanker(judgement)(0);
      const reasonless = new Set(served.items.filter((item) => item.score === 0).map((item) => item.film));
      const own = served.items
        .map((item) => item.film)
        .filter((i) => rowOfFilm[i]! >= 0 && !reasonless.has(i));
      // what has no place behind enough others ranks behind all of the model's films
      const judged = [...topOf(judgement, 0, 0)].filter((i) => rowOfFilm[i]! >= 0).slice(0, own.length);
      if (served.servedBy !== 'personal') return;
      // The judgement holds viewers in float32: films of the same score to six digits may change places.
      const scores = new Map(served.items.map((item) => [item.film, item.score]));
      expect(new Set(own)).toEqual(new Set(judged));
      own.forEach((film, i) => {
        if (judged[i] === film) return;
        expect(fresh).not.toContain(film); // is not where its score is, but where the quota lets it be
        expect(scores.get(judged[i]!)).toBeCloseTo(scores.get(film)!, 5);
      });
    }),
    { numRuns: 60, endOnFailure: true },
  );
});
