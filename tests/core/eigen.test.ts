import fc from 'fast-check';
import { expect, test } from 'vitest';
import { diagonalise } from '../../src/core/als/eigen.js';

/** `rows` in the leading corner of a square with two columns to spare. */
function eigenOf(rows: number[][]): { values: number[]; vectors: number[][]; isDiagonal: boolean } {
  const k = rows.length;
  const stride = k + 2;
  const matrix = new Float32Array(stride * stride);
  rows.forEach((row, i) => matrix.set(row, i * stride));
  const basis = new Float32Array(stride * stride).fill(9);
  diagonalise(matrix, { k, stride }, basis);
  const values = rows.map((_, i) => matrix[i * stride + i]!);
  const rest = matrix.filter((_, n) => n % (stride + 1) !== 0 || n >= k * stride);
  const vectors = rows.map((_, j) => rows.map((__, i) => basis[i * stride + j]!));
  const past = basis.filter((_, n) => n % stride >= k || n >= k * stride);
  return { values, vectors, isDiagonal: [...rest, ...past].every((value) => value === 0) };
}

const dot = (a: number[], b: number[]) => a.reduce((sum, x, i) => sum + x * b[i]!, 0);

test('two by two, by hand', () => {
  const { values, vectors, isDiagonal } = eigenOf([
    [2, 1],
    [1, 2],
  ]);
  const half = Math.fround(Math.SQRT1_2);
  expect(values).toEqual([1, 3]);
  expect(vectors).toEqual([
    [half, -half],
    [half, half],
  ]);
  expect(isDiagonal).toBe(true);
});

test('any Gram matrix: V is orthogonal and A V = V D, also where there are fewer rows than columns', () => {
  const entry = fc.integer({ min: -50, max: 50 }).map((n) => n / 10);
  const rows = fc
    .tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 14 }))
    .chain(([k, n]) =>
      fc.array(fc.array(entry, { minLength: k, maxLength: k }), { minLength: n, maxLength: n }),
    );
  fc.assert(
    fc.property(rows, (factors) => {
      const columns = factors[0]!.map((_, j) => factors.map((row) => row[j]!));
      const gram = columns.map((a) => columns.map((b) => dot(a, b)));
      const { values, vectors, isDiagonal } = eigenOf(gram);
      const size = Math.max(1, ...values);
      expect(isDiagonal).toBe(true);
      vectors.forEach((v, i) => {
        vectors.forEach((w, j) => expect(dot(v, w)).toBeCloseTo(i === j ? 1 : 0, 6));
        gram.forEach((row, r) =>
          expect(Math.abs(dot(row, v) - values[i]! * v[r]!) / size).toBeLessThan(1e-6),
        );
      });
    }),
  );
});

test('a diagonal matrix stays as it is, to the order; what rounding made negative becomes 0', () => {
  const { values, vectors } = eigenOf([
    [1, 0, 0],
    [0, 7, 0],
    [0, 0, -1e-9],
  ]);
  expect(values).toEqual([1, 7, 0]);
  expect(vectors).toEqual([
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ]);
});

test('NaN ends, and stays to be seen', () => {
  const { values } = eigenOf([
    [Number.NaN, Number.NaN],
    [Number.NaN, 4],
  ]);
  expect(values[0]).toBeNaN();
});
