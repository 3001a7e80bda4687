import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { overlapAt, rankBiasedOverlap } from '../../src/core/metrics/agreement.js';
import { catalogueCoverage, exposureOf, gini, shownFilms } from '../../src/core/metrics/exposure.js';
import {
  averagePopularity,
  cosineDistance,
  genreShares,
  intraListDiversity,
  jaccardDistance,
  jensenShannon,
  miscalibration,
  novelty,
  shareOf,
} from '../../src/core/metrics/lists.js';

describe('the reference table of list metrics', () => {
  test('Gini of 5, 3, 1, 1, 0 is .48', () => {
    expect(gini([5, 3, 1, 1, 0])).toBeCloseTo(0.48, 12);
    expect(gini([0, 1, 5, 1, 3])).toBeCloseTo(0.48, 12); // any order
  });

  test('counts 100, 10, 1 each once: novelty 3.4725 bits, ARP 37', () => {
    expect(novelty([0, 1, 2], [100, 10, 1], 111)).toBeCloseTo(3.4725, 4);
    expect(averagePopularity([0, 1, 2], [100, 10, 1])).toBe(37);
  });

  test('genres {A, B}, {B}, {C}: diversity .8333', () => {
    const genres = [[0, 1], [1], [2]];
    expect(intraListDiversity([0, 1, 2], (a, b) => jaccardDistance(genres[a]!, genres[b]!))).toBeCloseTo(
      0.8333,
      4,
    );
  });

  test('history (.7, .3), list (.3, .7): C_KL .3314 nats', () => {
    expect(miscalibration([0.7, 0.3], [0.3, 0.7])).toBeCloseTo(0.3314, 4);
    expect(miscalibration([0.7, 0.3], [0.7, 0.3])).toBeCloseTo(0, 12);
    expect(miscalibration([1, 0], [0, 1])).toBeCloseTo(Math.log(100), 12); // finite where the list lacks a genre
  });

  test('abcde against bacfg: overlap .6, RBO .6472', () => {
    const [a, b] = [
      [0, 1, 2, 3, 4],
      [1, 0, 2, 5, 6],
    ];
    expect(overlapAt(a, b, 5)).toBeCloseTo(0.6, 12);
    expect(rankBiasedOverlap(a, b, 0.9, 5)).toBeCloseTo(0.6472, 4);
  });

  test('ten tenths against (.05, .05, .1 × 6, .15, .15): JSD .0195 bits', () => {
    const even = Array<number>(10).fill(0.1);
    const moved = [0.05, 0.05, ...Array<number>(6).fill(0.1), 0.15, 0.15];
    expect(jensenShannon(even, moved)).toBeCloseTo(0.0195, 4);
    expect(jensenShannon([1, 0], [0, 1])).toBe(1);
  });
});

describe('by hand', () => {
  test('coverage and exposure with the log discount', () => {
    const lists = [
      [0, 1],
      [0, 2],
    ];
    const shown = shownFilms(lists, 2, 4);
    expect(Array.from(shown)).toEqual([1, 1, 1, 0]);
    expect(catalogueCoverage(shown, 4)).toBe(0.75);
    expect(catalogueCoverage(shown, 2, (film) => film > 1)).toBe(0.5);
    expect(catalogueCoverage(shownFilms(lists, 1, 4), 4)).toBe(0.25);
    expect(catalogueCoverage(shown, 0)).toBe(0);
    const second = 1 / Math.log2(3);
    expect(Array.from(exposureOf(lists, 2, 4))).toEqual([2, second, second, 0]);
  });

  test('genre shares spread a film over its genres and skip films without any', () => {
    const genres = [[0, 1], [0], []];
    expect(Array.from(genreShares([0, 1, 2], (film) => genres[film]!, 2))).toEqual([0.75, 0.25]);
    expect(Array.from(genreShares([2], (film) => genres[film]!, 2))).toEqual([0, 0]);
  });

  test('cosine distance: along 0, across 1, against 2, of nothing 1', () => {
    const factors = [1, 0, 2, 0, 0, 3, -1, 0, 0, 0];
    expect([1, 2, 3, 4].map((b) => cosineDistance(factors, 2, 0, b))).toEqual([0, 1, 2, 1]);
  });

  test('jaccard of nothing tells nothing apart', () => {
    expect(jaccardDistance([], [])).toBe(0);
    expect(jaccardDistance([], [1])).toBe(1);
  });

  test('an empty list has no value', () => {
    expect(novelty([], [1], 1)).toBeNaN();
    expect(intraListDiversity([0], () => 1)).toBeNaN();
    expect(shareOf([], () => true)).toBeNaN();
    expect(shareOf([1, 2, 3, 4], (film) => film > 3)).toBe(0.25);
  });
});

describe('always', () => {
  const shares = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 4, maxLength: 4 }).map((counts) => {
    const sum = counts.reduce((a, b) => a + b, 0);
    return counts.map((count) => (sum === 0 ? 0.25 : count / sum));
  });
  const ranking = fc.uniqueArray(fc.integer({ min: 0, max: 12 }), { minLength: 5, maxLength: 5 });

  test('gini is within 0 … 1, the same for scaled values, 0 for equal ones', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(50), { minLength: 1, maxLength: 30 }),
        fc.integer({ min: 1, max: 9 }),
        (values, by) => {
          const g = gini(values);
          expect(g).toBeGreaterThanOrEqual(-1e-12);
          expect(g).toBeLessThan(1);
          expect(gini(values.map((value) => value * by))).toBeCloseTo(g, 12);
          expect(gini(values.map(() => by))).toBeCloseTo(0, 12);
        },
      ),
    );
  });

  test('divergences are 0 of a thing to itself, never below, and JSD is symmetric and at most 1', () => {
    fc.assert(
      fc.property(shares, shares, (p, q) => {
        expect(jensenShannon(p, p)).toBeCloseTo(0, 12);
        expect(jensenShannon(p, q)).toBeCloseTo(jensenShannon(q, p), 12);
        expect(jensenShannon(p, q)).toBeLessThanOrEqual(1 + 1e-12);
        expect(miscalibration(p, q)).toBeGreaterThanOrEqual(-1e-12);
      }),
    );
  });

  test('overlap and RBO are symmetric, 1 of equal rankings; RBO minds the top more', () => {
    fc.assert(
      fc.property(ranking, ranking, (a, b) => {
        expect(rankBiasedOverlap(a, a, 0.9, 5)).toBeCloseTo(1, 12);
        expect(rankBiasedOverlap(a, b, 0.9, 5)).toBeCloseTo(rankBiasedOverlap(b, a, 0.9, 5), 12);
        expect(overlapAt(a, b, 5)).toBe(overlapAt(b, a, 5));
      }),
    );
    expect(rankBiasedOverlap([0, 1, 2], [0, 8, 9], 0.9, 3)).toBeGreaterThan(
      rankBiasedOverlap([0, 1, 2], [8, 9, 0], 0.9, 3),
    );
  });
});
