import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  auc,
  averagePrecision,
  f1,
  hit,
  ndcg,
  precision,
  ranksOf,
  recall,
  reciprocalRank,
} from '../../src/core/metrics/definitions.js';

describe('definitions', () => {
  // science C.6: ranking a…h, relevant {a, c, f}, K = 5
  const ranks = ranksOf(new Set(['a', 'c', 'f']), ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']);

  test('the reference ranking a…h with relevant {a, c, f} at 5', () => {
    expect(ranks).toEqual([1, 3, 6]);
    expect(precision(ranks, 5)).toBe(0.4);
    expect(recall(ranks, 5)).toBeCloseTo(0.6667, 4);
    expect(f1(ranks, 5)).toBeCloseTo(0.5, 12);
    expect(ndcg(ranks, 5)).toBeCloseTo(0.7039, 4);
    expect(averagePrecision(ranks, 5)).toBeCloseTo(0.5556, 4);
    expect(reciprocalRank(ranks)).toBe(1);
    expect(auc(ranks, 8)).toBeCloseTo(0.7333, 4);
    expect(hit(ranks, 5)).toBe(1);
  });

  test('no hit in the top k: MRR still looks at the whole list', () => {
    const late = [7, 9];
    expect([precision(late, 5), recall(late, 5), f1(late, 5), ndcg(late, 5)]).toEqual([0, 0, 0, 0]);
    expect([averagePrecision(late, 5), hit(late, 5)]).toEqual([0, 0]);
    expect(reciprocalRank(late)).toBeCloseTo(1 / 7, 12);
  });

  test('more relevant films than k: AP and NDCG divide by k', () => {
    const all = [1, 2, 3, 4];
    expect(averagePrecision(all, 2)).toBe(1);
    expect(ndcg(all, 2)).toBe(1);
    expect(recall(all, 2)).toBe(0.5);
  });

  test('a relevant film that is not ranked is an error', () => {
    expect(() => ranksOf(new Set(['a', 'z']), ['a'])).toThrow('2 relevant films, 1 of them ranked');
  });

  test('AUC equals the counted pairs, and all metrics stay within 0 … 1', () => {
    const ranking = fc.integer({ min: 1, max: 30 }).chain((n) =>
      fc.tuple(
        fc.constant(n),
        fc.subarray(
          [...Array(n).keys()].map((i) => i + 1),
          { minLength: 1 },
        ),
      ),
    );
    fc.assert(
      fc.property(ranking, fc.integer({ min: 1, max: 12 }), ([n, relevant], k) => {
        let right = 0;
        let pairs = 0;
        for (const rank of relevant) {
          for (let other = 1; other <= n; other++) {
            if (relevant.includes(other)) continue;
            pairs++;
            if (rank < other) right++;
          }
        }
        expect(auc(relevant, n)).toBeCloseTo(pairs === 0 ? 0.5 : right / pairs, 12);
        for (const metric of [precision, recall, f1, ndcg, averagePrecision, hit]) {
          const value = metric(relevant, k);
          expect(value).toBeGreaterThanOrEqual(0);
          expect(value).toBeLessThanOrEqual(1 + 1e-12);
        }
      }),
    );
  });
});
