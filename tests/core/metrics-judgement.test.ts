import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { percentileInterval, resampleMeans } from '../../src/core/metrics/bootstrap.js';
import { auc, averagePrecision, ndcg, ranksOf, recall } from '../../src/core/metrics/definitions.js';
import { packLists } from '../../src/core/metrics/film-lists.js';
import { formulaScores } from '../../src/core/metrics/formula-scores.js';
import {
  type Judgement,
  type JudgementInput,
  createJudgement,
  summarise,
  valuesOf,
} from '../../src/core/metrics/judgement.js';
import { createViewerRanker, judgementUnits } from '../../src/core/metrics/rank-viewers.js';
import { configSchema } from '../../src/contracts/config.js';

function judge(input: JudgementInput): Judgement {
  const judgement = createJudgement(input);
  const run = createViewerRanker(judgement);
  for (let unit = 0; unit < judgementUnits(judgement); unit++) run(unit);
  return judgement;
}

const shared = (scores: number[]) => ({
  kind: 'shared' as const,
  name: 'test',
  scores: Float64Array.from(scores),
});

const base = { classOf: new Int32Array(1), hidden: new Uint8Array(4), candidates: null, ks: [2] };

describe('full-catalogue ranking', () => {
  test('by hand: seen films are no candidates, ties go to the lower film', () => {
    // scores .9 .5 .5 .1, film 0 seen: the ranking is 1, 2, 3
    const judgement = judge({
      ...base,
      films: 4,
      relevant: packLists([[2]]),
      seen: packLists([[0]]),
      scorers: [shared([0.9, 0.5, 0.5, 0.1])],
    });
    const at2 = summarise(judgement, 0, 4)['2']!;
    expect(at2).toMatchObject({ recall: 1, precision: 0.5, mrr: 0.5, hit: 1, auc: 0.5, coverage: 0.5 });
    expect(at2.ndcg).toBeCloseTo(1 / Math.log2(3), 12);
  });

  test('a ranking for each group of viewers', () => {
    const judgement = judge({
      ...base,
      films: 4,
      classOf: new Int32Array(3),
      relevant: packLists([[3], [3], [3]]),
      seen: packLists([[], [], [0]]),
      scorers: [
        {
          kind: 'grouped',
          name: 'test',
          scores: Float64Array.of(4, 3, 2, 1, 1, 2, 3, 4),
          groupOf: Int32Array.of(0, 1, 0),
        },
      ],
    });
    expect(Array.from(valuesOf(judgement, 0, 0, 'mrr'))).toEqual([1 / 4, 1, 1 / 3]);
  });

  test('films hidden from a class are no candidates of its viewers', () => {
    const judgement = judge({
      films: 4,
      relevant: packLists([[3], [3]]),
      seen: packLists([[], []]),
      classOf: Int32Array.from([0, 1]),
      hidden: Uint8Array.from([0, 0, 0, 0, 1, 1, 0, 0]),
      candidates: null,
      ks: [1, 2],
      scorers: [shared([4, 3, 2, 1])],
    });
    expect(Array.from(valuesOf(judgement, 0, 1, 'mrr'))).toEqual([0.25, 0.5]);
    expect(summarise(judgement, 0, 4)['1']!.coverage).toBe(0.5); // films 0 and 2 lead a list
  });

  test('1+99: only the candidates are ranked', () => {
    const judgement = judge({
      ...base,
      films: 4,
      relevant: packLists([[3]]),
      seen: packLists([[]]),
      candidates: packLists([[1, 3]]),
      scorers: [shared([9, 1, 8, 2])],
    });
    expect(summarise(judgement, 0, 4)['2']).toMatchObject({ mrr: 1, auc: 1, coverage: 0.5 });
  });

  test('films that a model does not know come last, in id order', () => {
    const judgement = judge({
      ...base,
      films: 4,
      relevant: packLists([[2]]),
      seen: packLists([[]]),
      scorers: [
        {
          kind: 'factors',
          name: 'als',
          stride: 1,
          viewers: Float32Array.of(-1),
          films: Float32Array.of(5),
          rowOfFilm: Int32Array.of(-1, -1, -1, 0),
        },
      ],
    });
    expect(valuesOf(judgement, 0, 0, 'mrr')[0]).toBeCloseTo(1 / 4, 12); // 3, 0, 1, 2
  });

  test('item weights: the sum of the rows of a history; films without a row come last', () => {
    const judgement = judge({
      ...base,
      films: 4,
      relevant: packLists([[1]]),
      seen: packLists([[0, 3]]),
      scorers: [
        {
          kind: 'items',
          name: 'ease',
          items: {
            kind: 'items',
            films: 3,
            pitch: 3,
            weights: Float32Array.of(0, 1, 5, 9, 9, 9, 7, 2, 0), // rows of films 0, 2, 3
            fresh: 0,
            freshWeights: new Float32Array(),
          },
          histories: packLists([[0, 2]]),
          rowOfFilm: Int32Array.of(0, -1, 1, 2),
        },
      ],
    });
    expect(Array.from(judgement.tops[0]!.subarray(0, 2))).toEqual([2, 1]);
    expect(valuesOf(judgement, 0, 0, 'mrr')[0]).toBeCloseTo(1 / 2, 12);
  });

  test('equals sorting the candidates and the plain definitions', () => {
    const problem = fc.integer({ min: 2, max: 80 }).chain((films) =>
      fc.record({
        scores: fc.array(fc.integer({ min: 0, max: 6 }), { minLength: films, maxLength: films }),
        role: fc.array(fc.constantFrom('relevant', 'seen', 'open', 'open'), {
          minLength: films,
          maxLength: films,
        }),
      }),
    );
    fc.assert(
      fc.property(problem, fc.integer({ min: 1, max: 8 }), ({ scores, role }, k) => {
        const having = (wanted: string) => role.flatMap((r, film) => (r === wanted ? [film] : []));
        const relevant = having('relevant');
        fc.pre(relevant.length > 0);
        const judgement = judge({
          ...base,
          films: scores.length,
          hidden: new Uint8Array(scores.length),
          ks: [k],
          relevant: packLists([relevant]),
          seen: packLists([having('seen')]),
          scorers: [shared(scores)],
        });
        const ranked = scores
          .map((_, film) => film)
          .filter((film) => role[film] !== 'seen')
          .sort((a, b) => scores[b]! - scores[a]! || a - b);
        const ranks = ranksOf(new Set(relevant), ranked);
        const got = summarise(judgement, 0, scores.length)[String(k)]!;
        expect(got.ndcg).toBeCloseTo(ndcg(ranks, k), 12);
        expect(got.map).toBeCloseTo(averagePrecision(ranks, k), 12);
        expect(got.recall).toBeCloseTo(recall(ranks, k), 12);
        expect(got.auc).toBeCloseTo(auc(ranks, ranked.length), 12);
        expect(got.coverage).toBeCloseTo(Math.min(k, ranked.length) / scores.length, 12);
      }),
    );
  });
});

describe('formula as a scorer', () => {
  test('ranks as the Top list: eligible films first, whatever the weighted rating of the others', () => {
    const config = configSchema.parse({ weightedRating: { mFloor: 10 } }).weightedRating;
    const votes = [
      { filmId: 'a', votes: 100, ratingSum: 500 }, // 5.0, far above m
      { filmId: 'b', votes: 200, ratingSum: 1800 }, // 9.0
      { filmId: 'c', votes: 1, ratingSum: 10 },
      { filmId: 'd', votes: 0, ratingSum: 0 },
    ];
    expect(Array.from(formulaScores(votes, { ...config, mFixed: 50 }))).toEqual([-1, -0, -2, -3]);
  });
});

describe('bootstrap', () => {
  test('bounds of a known mean: about ±1.645 standard errors', () => {
    const differences = Float64Array.from({ length: 400 }, (_, n) => (n % 2 === 0 ? 1 : -0.8));
    const means = new Float64Array(2000);
    resampleMeans(differences, 1, 0, 2000, means);
    const { mean, lower, upper } = percentileInterval(differences, means);
    const error = 0.9 / Math.sqrt(400);
    expect(mean).toBeCloseTo(0.1, 12);
    expect(lower).toBeCloseTo(0.1 - 1.645 * error, 2);
    expect(upper).toBeCloseTo(0.1 + 1.645 * error, 2);
  });

  test('equal differences leave no interval; the seed decides the resamples', () => {
    const same = new Float64Array(10).fill(0.25);
    const means = new Float64Array(20);
    resampleMeans(same, 1, 0, 20, means);
    expect(percentileInterval(same, means)).toEqual({ mean: 0.25, lower: 0.25, upper: 0.25 });
    const mixed = Float64Array.from([0, 1, 2, 5]);
    const one = resampled(mixed, 1);
    expect(resampled(mixed, 1)).toEqual(one);
    expect(resampled(mixed, 2)).not.toEqual(one);
  });
});

function resampled(differences: Float64Array, seed: number): Float64Array {
  const means = new Float64Array(20);
  resampleMeans(differences, seed, 0, 20, means);
  return means;
}
