import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TopRequest } from '../../src/core/ranking/top-films.js';
import { normal, randomOf } from '../../src/core/random/random.js';
import { createReferenceTopScorer } from '../../src/kernels/reference/top-films.js';
import { createSimdTopScorer } from '../../src/kernels/simd/top-films.js';

interface Problem {
  films: Float32Array;
  k: number;
  size: number;
  closed: Uint8Array[];
  request: TopRequest;
}

function both({ films, k, size, closed, request }: Problem) {
  return [createReferenceTopScorer, createSimdTopScorer].map((create) => {
    const scorer = create(films, k, size);
    for (const bits of closed) scorer.addClass(bits);
    return scorer.top(request);
  });
}

/** Films whose norms fall steeply, so that whole tiles are pruned; small integers in `coarse` ones, so that scores tie. */
function randomProblem(p: {
  rows: number;
  viewers: number;
  k: number;
  size: number;
  seed: number;
  coarse: boolean;
}): Problem {
  const random = randomOf('top-films', p.seed);
  const value = () => (p.coarse ? (random.next() % 3) - 1 : normal(random));
  const films = Float32Array.from(
    { length: p.rows * p.k },
    (_, n) => value() / (1 + (Math.floor(n / p.k) % 97)),
  );
  const rows = () => Array.from({ length: p.rows }, (_, row) => row).filter(() => random.next() % 4 === 0);
  return {
    films: p.coarse ? films.map(Math.sign) : films,
    k: p.k,
    size: p.size,
    closed: [
      new Uint8Array(p.rows),
      new Uint8Array(p.rows).fill(1),
      Uint8Array.from({ length: p.rows }, () => random.next() % 2),
    ],
    request: {
      factors: Float32Array.from({ length: p.viewers * p.k }, value),
      hidden: Array.from({ length: p.viewers }, (_, v) => (v % 2 === 0 ? rows().reverse() : [])),
      classOf: Int32Array.from({ length: p.viewers }, () => random.next() % 3),
    },
  };
}

const plain = { films: Float32Array.of(3, 1, 2, 2), k: 1, size: 3, closed: [new Uint8Array(4)] };
const one = { factors: Float32Array.of(1), hidden: [[]], classOf: [0] };

describe('top films', () => {
  test('by hand: best first, ties by row, hidden and closed films left out, −1 past the end', () => {
    for (const { film, score } of both({ ...plain, request: one })) {
      expect(Array.from(film)).toEqual([0, 2, 3]);
      expect(Array.from(score)).toEqual([3, 2, 2]);
    }
    const closed = [Uint8Array.of(0, 0, 1, 0)];
    for (const { film } of both({ ...plain, closed, request: { ...one, hidden: [[0]] } })) {
      expect(Array.from(film)).toEqual([3, 1, -1]);
    }
  });

  test('SIMD equals the reference to the bit on any problem', () => {
    const problem = fc.record({
      rows: fc.oneof(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 250, max: 800 })),
      viewers: fc.integer({ min: 1, max: 37 }),
      k: fc.constantFrom(1, 3, 8, 9, 16),
      size: fc.constantFrom(1, 2, 10, 50),
      seed: fc.nat(10_000),
      coarse: fc.boolean(),
    });
    fc.assert(
      fc.property(problem, (p) => {
        const [expected, actual] = both(randomProblem(p));
        expect(actual).toEqual(expected);
      }),
      { numRuns: 60 },
    );
  });

  test('a request longer than one call of the kernel', () => {
    const [expected, actual] = both(
      randomProblem({ rows: 300, viewers: 600, k: 4, size: 5, seed: 3, coarse: false }),
    );
    expect(actual).toEqual(expected);
  });

  test('a viewer without factors gets the lowest rows; scores that are not numbers are never listed', () => {
    const zeros = { ...one, factors: Float32Array.of(0) };
    for (const { film } of both({ ...plain, request: zeros })) expect(Array.from(film)).toEqual([0, 1, 2]);
    const broken = { ...plain, films: Float32Array.of(3, Number.NaN, 2, Infinity) };
    for (const { film } of both({ ...broken, request: one })) expect(Array.from(film)).toEqual([3, 0, 2]);
    const nobody = { ...one, factors: Float32Array.of(Number.NaN) };
    for (const { film } of both({ ...plain, request: nobody }))
      expect(Array.from(film)).toEqual([-1, -1, -1]);
  });

  test('a shorter film that points the right way beats longer ones of the tiles before it', () => {
    const films = Float32Array.from({ length: 301 * 2 }, (_, n) => (n % 2 === 0 ? 0.8 : 0.6)); // norm 1, score 0.8
    films.set([0.9, 0], 600);
    const problem = { films, k: 2, size: 2, closed: [new Uint8Array(301)] };
    for (const { film } of both({ ...problem, request: { ...one, factors: Float32Array.of(1, 0) } })) {
      expect(Array.from(film)).toEqual([300, 0]);
    }
  });

  test('a film whose score only ties the last one of a full list still comes in by its row', () => {
    // 300 films of norm 2, then one of norm 1 in a tile of its own, which scores as the best do
    const films = Float32Array.from({ length: 301 * 2 }, (_, n) => (n % 2 === 1 ? Math.sqrt(3) : 1));
    films[1] = 0; // row 0: (1, 0)
    const problem = { films, k: 2, size: 2, closed: [new Uint8Array(301)] };
    for (const { film, score } of both({ ...problem, request: { ...one, factors: Float32Array.of(1, 0) } })) {
      expect(Array.from(film)).toEqual([0, 1]);
      expect(Array.from(score)).toEqual([1, 1]);
    }
  });
});
