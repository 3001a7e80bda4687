import { describe, expect, test } from 'vitest';
import { roundsOf, successiveHalving } from '../../src/core/tune/halving.js';
import { type Space, drawSettings, lambdaFor, massOf } from '../../src/core/tune/settings.js';

const SPACE: Space = { k: [16, 64], alpha0: [0.1, 1.6], lambda: [0.001, 0.1], nu: [0.5, 1], halfLife: [1] };

describe('draws', () => {
  test('each list is used evenly, and every stratum of a range once', () => {
    const draws = drawSettings(SPACE, 8, 5);
    expect(draws.map(({ k }) => k).sort((a, b) => a - b)).toEqual([16, 16, 16, 16, 64, 64, 64, 64]);
    // 0.1 … 1.6 is four doublings: eight strata are half a doubling each; two digits round by up to 5 %
    const sorted = draws.map(({ alpha0 }) => alpha0).sort((a, b) => a - b);
    sorted.forEach((alpha0, n) => {
      expect(alpha0).toBeGreaterThanOrEqual(0.95 * 0.1 * 2 ** (n / 2));
      expect(alpha0).toBeLessThanOrEqual(1.05 * 0.1 * 2 ** ((n + 1) / 2));
    });
    expect(draws.every(({ lambdaAt1 }) => lambdaAt1 >= 0.001 && lambdaAt1 <= 0.1)).toBe(true);
  });

  test('seeded: the same again, others with another seed', () => {
    expect(drawSettings(SPACE, 8, 5)).toEqual(drawSettings(SPACE, 8, 5));
    expect(drawSettings(SPACE, 8, 6)).not.toEqual(drawSettings(SPACE, 8, 5));
  });
});

describe('λ for another ν', () => {
  // two rows with Σ w 1 and 5 over 3 columns at α₀ = 1: masses 4 and 8
  const mass = massOf({
    rows: 2,
    columns: 3,
    start: Int32Array.of(0, 1, 3),
    weightMicro: Int32Array.of(1_000_000, 2_000_000, -3_000_000),
  });
  const draw = { k: 8, alpha0: 1, lambdaAt1: 0.01, halfLife: 1 };

  test('the ridges pull as hard in all, by hand', () => {
    expect(Array.from(mass.sums)).toEqual([1, 5]);
    expect(lambdaFor({ ...draw, nu: 1 }, [mass])).toBe(0.01);
    expect(lambdaFor({ ...draw, nu: 0 }, [mass])).toBe(0.06); // 0.01 · 12 / 2
    expect(lambdaFor({ ...draw, nu: 0.5 }, [mass])).toBe(0.025); // 0.01 · 12 / (2 + √8), two digits
  });
});

describe('successive halving', () => {
  test('rounds: a third goes on, for twice as long; the current setting is in each', () => {
    expect(roundsOf(24, 8)).toEqual([
      { settings: 25, epochs: 4 },
      { settings: 9, epochs: 8 },
    ]);
    expect(roundsOf(1, 8).map(({ settings }) => settings)).toEqual([2, 2]);
    expect(roundsOf(5, 1)).toEqual([{ settings: 6, epochs: 1 }]);
  });

  /** Scores that settle with the epochs: what looks good early need not be. */
  const search = async (late: number[]) => {
    const asked: string[] = [];
    const last = await successiveHalving(late, roundsOf(late.length - 1, 8), async (value, n, { epochs }) => {
      asked.push(`${n}@${epochs}`);
      return epochs === 8 ? value : value - Math.abs(n - 4);
    });
    return { asked, last };
  };

  test('finds the best, and never drops the current setting', async () => {
    const { asked, last } = await search([-100, 0, 1, 2, 9, 2, 1]);
    expect(last.map(({ number, score }) => [number, score])).toEqual([
      [4, 9],
      [3, 2],
      [0, -100],
    ]);
    expect(asked.filter((one) => one.endsWith('@8'))).toEqual(['0@8', '3@8', '4@8']);
  });

  test('equal scores: the earlier; a diverged model is the worst', async () => {
    const { last } = await search([3, 3, Number.NaN]);
    expect(last.map(({ number, score }) => [number, score])).toEqual([
      [0, 3],
      [1, 3],
    ]);
  });
});
