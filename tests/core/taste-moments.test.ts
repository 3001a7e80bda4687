import fc from 'fast-check';
import { expect, test } from 'vitest';
import { dot } from '../../src/core/als/dense.js';
import { normal, randomOf } from '../../src/core/random/random.js';
import { momentsOf, momentsOfSource } from '../../src/core/ranking/taste-moments.js';

const ofFactors = (films: Float32Array, k: number, known: number, x: number[]) =>
  momentsOfSource({ kind: 'factors', films, k }, known)(x)!;

test('by hand: two films of one factor; what is behind the known ones does not count', () => {
  // tastes 2 and 6: mean 4, deviation 2
  expect(ofFactors(Float32Array.of(1, 3, 100), 1, 2, [2])).toEqual({ mean: 4, deviation: 2 });
  expect(momentsOf(Float64Array.of(2, 6, 200), 2)).toEqual({ mean: 4, deviation: 2 });
});

test('tastes that are all alike have no deviation, not one of rounding', () => {
  const films = Float32Array.from({ length: 900 }, (_, n) => [0.1, 0.7, n][n % 3]!);
  expect(ofFactors(films, 3, 300, [0.3, 0.9, 0])).toMatchObject({ deviation: 0 });
  expect(ofFactors(films, 3, 300, [0, 0, 0])).toEqual({ mean: 0, deviation: 0 });
  expect(ofFactors(Float32Array.of(), 2, 0, [1, 2])).toEqual({ mean: 0, deviation: 0 });
  expect(ofFactors(films, 3, 300, [Number.NaN, 0, 0]).deviation).toBeNaN();
});

test('the moments of a pass over all films, without the pass', () => {
  const shape = fc.record({
    known: fc.integer({ min: 2, max: 700 }),
    k: fc.constantFrom(1, 3, 8),
    seed: fc.nat(9999),
  });
  fc.assert(
    fc.property(shape, ({ known, k, seed }) => {
      const random = randomOf('taste-moments', seed);
      const films = Float32Array.from({ length: (known + 3) * k }, () => normal(random) + 0.5);
      const x = Float64Array.from({ length: k }, () => normal(random));
      const tastes = Float64Array.from({ length: known + 3 }, (_, row) => dot(x, 0, films, row * k, k));
      const [fast, slow] = [ofFactors(films, k, known, [...x]), momentsOf(tastes, known)];
      expect(fast.mean).toBeCloseTo(slow.mean, 10);
      expect(fast.deviation).toBeCloseTo(slow.deviation, 10);
    }),
    { numRuns: 40 },
  );
});
