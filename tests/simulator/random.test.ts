import { describe, expect, test } from 'vitest';
import { Random, StreamKey } from '../../src/simulator/random.js';

const N = 20_000;
const draw = (of: (random: Random) => number, key = 'draw') => {
  const random = new Random(7, key);
  return Array.from({ length: N }, () => of(random));
};
const mean = (x: number[]) => x.reduce((sum, v) => sum + v, 0) / x.length;
const variance = (x: number[]) => {
  const middle = mean(x);
  return mean(x.map((v) => (v - middle) ** 2));
};

describe('seeded randomness', () => {
  test('a stream depends on seed and key, and on nothing else', () => {
    const first = (seed: number, key: string) => new Random(seed, key).bits();
    expect(first(1, 'a')).toBe(first(1, 'a'));
    expect(new Set([first(1, 'a'), first(2, 'a'), first(1, 'b'), first(1, 'aa')]).size).toBe(4);
  });

  test('neighbouring keys give unrelated streams', () => {
    const firsts = Array.from({ length: N }, (_, i) => new Random(1, `viewer/${i}`).next());
    expect(Math.abs(mean(firsts) - 0.5)).toBeLessThan(4 * Math.sqrt(1 / 12 / N));
    const lagged = mean(firsts.slice(1).map((x, i) => (x - 0.5) * ((firsts[i] ?? 0) - 0.5))) * 12;
    expect(Math.abs(lagged)).toBeLessThan(0.03);
  });

  test('streams by number depend on seed, key and number; neighbours are unrelated', () => {
    const key = new StreamKey(1, 'viewer/a');
    expect(key.at(20_000).bits()).toBe(new StreamKey(1, 'viewer/a').at(20_000).bits());
    const others = [
      new StreamKey(2, 'viewer/a').at(20_000),
      new StreamKey(1, 'viewer/b').at(20_000),
      key.at(20_001),
    ];
    expect(new Set([key.at(20_000), ...others].map((random) => random.bits())).size).toBe(4);
    const firsts = Array.from({ length: N }, (_, n) => key.at(80_000 + n).next());
    expect(Math.abs(mean(firsts) - 0.5)).toBeLessThan(4 * Math.sqrt(1 / 12 / N));
    for (const n of [0, 1, 80_000, -3]) expect(key.first(n)).toBe(key.at(n).next());
    const lagged = mean(firsts.slice(4).map((x, i) => (x - 0.5) * ((firsts[i] ?? 0) - 0.5))) * 12;
    expect(Math.abs(lagged)).toBeLessThan(0.03);
    expect(new Set(firsts).size).toBe(N);
  });

  // Expected mean and variance of each distribution; 20,000 draws leave about 2 % of standard error in the variances.
  test.each([
    ['uniform', (r: Random) => r.next(), 1 / 2, 1 / 12],
    ['normal', (r: Random) => r.normal(), 0, 1],
    ['gamma 0.6', (r: Random) => r.gamma(0.6), 0.6, 0.6],
    ['gamma 3', (r: Random) => r.gamma(3), 3, 3],
    ['poisson 2.5', (r: Random) => r.poisson(2.5), 2.5, 2.5],
    ['beta', (r: Random) => r.beta(0.7, 5), 0.7, (0.7 * 0.3) / 6],
  ])('%s has its mean and variance', (name, of, expectedMean, expectedVariance) => {
    const x = draw(of, name);
    expect(Math.abs(mean(x) - expectedMean)).toBeLessThan(4 * Math.sqrt(expectedVariance / N));
    expect(Math.abs(variance(x) / expectedVariance - 1)).toBeLessThan(0.08);
  });

  test('index draws in proportion to weights', () => {
    const x = draw((random) => random.index([1, 1, 4]));
    expect(Math.abs(x.filter((i) => i === 0).length / N - 0.25)).toBeLessThan(
      4 * Math.sqrt((0.25 * 0.75) / N),
    );
    expect(x.filter((i) => i === 1).length).toBe(0);
  });

  test('uuid has the form of version 4', () => {
    expect(new Random(1, 'u').uuid()).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
  });

  test('pick refuses an empty list', () => {
    expect(() => new Random(1, 'p').pick([])).toThrow('pick: the list is empty');
  });
});
