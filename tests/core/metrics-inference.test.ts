import { describe, expect, test } from 'vitest';
import { percentileInterval, quantile, resampleMeans } from '../../src/core/metrics/bootstrap.js';
import {
  holm,
  requiredViewers,
  signFlipHarm,
  standardDeviation,
  wilson,
} from '../../src/core/metrics/inference.js';
import { normal, randomOf } from '../../src/core/random/random.js';

/** Paired differences as they are: mostly 0 (nobody's list changed a hit), else ± a bit, with a true mean. */
function zeroInflated(seed: string, n: number, mean: number): Float64Array {
  const random = randomOf('differences', seed);
  return Float64Array.from({ length: n }, () =>
    random.next() < 0.4 * 2 ** 32 ? mean / 0.4 + 0.3 * normal(random) : 0,
  );
}

describe('by hand', () => {
  test('sign flips of (1, 2): only the observed pattern is as low as (−1, −2)', () => {
    // sums −3, −1, 1, 3 are equally likely: p = ¼ for −3, ¾ for 1, 1 for 3
    const p = (values: number[]) => signFlipHarm(values, 1, 20_000);
    expect(p([-1, -2])).toBeCloseTo(0.25, 1);
    expect(p([-1, 2])).toBeCloseTo(0.75, 1);
    expect(p([1, 2])).toBe(1);
    expect(p([0, 0, 0])).toBe(1); // nothing differs: no harm
  });

  test('Holm: (.01, .04, .03, .005) becomes (.03, .06, .06, .02)', () => {
    expect(holm([0.01, 0.04, 0.03, 0.005]).map((p) => Number(p.toFixed(12)))).toEqual([
      0.03, 0.06, 0.06, 0.02,
    ]);
    expect(holm([])).toEqual([]);
    expect(holm([0.9, 0.8])).toEqual([1, 1]);
  });

  test('required viewers of C.8: cv .65 → 2.9k and cv 1.47 → 14.8k at 3 %, 5.3k at 5 %', () => {
    const spread = (cv: number) => Float64Array.of(-cv / Math.SQRT2, cv / Math.SQRT2); // sd = cv, base 1
    expect(standardDeviation(spread(0.65))).toBeCloseTo(0.65, 12);
    expect(requiredViewers(spread(0.65), 1, 0.03)).toBe(2902);
    expect(requiredViewers(spread(1.47), 1, 0.03)).toBe(14839);
    expect(requiredViewers(spread(1.47), 1, 0.05)).toBe(5342);
    expect(requiredViewers(new Float64Array(9), 1, 0.03)).toBe(0);
    expect(requiredViewers(spread(0.65), 0, 0.03)).toBe(Number.POSITIVE_INFINITY);
  });

  test('Wilson: 0 of 400 is at most .0095; 340 of 400 is at least .8117', () => {
    expect(wilson(0, 400).upper).toBeCloseTo(0.0095, 4);
    expect(wilson(340, 400).lower).toBeCloseTo(0.8117, 3);
    expect(wilson(0, 400).lower).toBeCloseTo(0, 12);
  });

  test('quantiles by nearest rank', () => {
    const values = Float64Array.from({ length: 100 }, (_, n) => n + 1);
    expect([0, 0.05, 0.95, 1].map((q) => quantile(values, q))).toEqual([1, 5, 95, 100]);
    expect(quantile(new Float64Array(0), 0.5)).toBeNaN();
  });
});

describe('over many generated experiments', () => {
  const REPLICATES = 300;
  const runs = (mean: number, n: number) =>
    Array.from({ length: REPLICATES }, (_, r) => zeroInflated(`${r}`, n, mean));

  test('the 90 % bootstrap interval covers the true mean in .86 … .94 of them', () => {
    let covered = 0;
    runs(0.02, 250).forEach((differences, r) => {
      const means = new Float64Array(400);
      resampleMeans(differences, r, 0, means.length, means);
      const { lower, upper } = percentileInterval(differences, means);
      if (lower <= 0.02 && 0.02 <= upper) covered++;
    });
    expect(covered / REPLICATES).toBeGreaterThan(0.86);
    expect(covered / REPLICATES).toBeLessThan(0.94);
  });

  test('the sign-flip test calls harm in about 5 % when there is none, and finds it when there is', () => {
    const calls = (mean: number) =>
      runs(mean, 200).filter((differences, r) => signFlipHarm(differences, r, 400) <= 0.05).length /
      REPLICATES;
    expect(calls(0)).toBeLessThan(0.08);
    expect(calls(0)).toBeGreaterThan(0.02);
    expect(calls(-0.06)).toBeGreaterThan(0.9);
    expect(calls(0.06)).toBe(0);
  });

  test('Holm over ten slices without harm calls any in at most about 5 %', () => {
    let families = 0;
    for (let r = 0; r < 200; r++) {
      const p = Array.from({ length: 10 }, (_, s) => signFlipHarm(zeroInflated(`${r} ${s}`, 60, 0), r, 400));
      if (holm(p).some((adjusted) => adjusted <= 0.05)) families++;
    }
    expect(families / 200).toBeLessThan(0.09);
  });

  test('with the required viewers an equal model passes the non-inferiority test in about 80 %', () => {
    const base = 0.5;
    const n = requiredViewers(zeroInflated('pilot', 20_000, 0), base, 0.1);
    let passed = 0;
    runs(0, n).forEach((differences, r) => {
      const means = new Float64Array(400);
      resampleMeans(differences, r, 0, means.length, means);
      if (percentileInterval(differences, means).lower >= -0.1 * base) passed++;
    });
    expect(passed / REPLICATES).toBeGreaterThan(0.72);
    expect(passed / REPLICATES).toBeLessThan(0.88);
  });
});
