import { dot } from '../als/dense.js';
import type { TasteSource } from './taste-source.js';

/** Mean and deviation of what is standardised, over the films that the model has learnt. */
export interface Moments {
  mean: number;
  deviation: number;
}

/** Of values in place, added in order. */
export function momentsOf(values: Float64Array, known: number): Moments {
  let mean = 0;
  for (let i = 0; i < known; i++) mean += values[i]!;
  mean /= Math.max(known, 1);
  let square = 0;
  for (let i = 0; i < known; i++) {
    const away = values[i]! - mean;
    square += away * away;
  }
  return { mean, deviation: Math.sqrt(square / Math.max(known, 1)) };
}

/**
 * Moments of x·y over films y without a pass over the films: the mean is x·ȳ, the variance xᵀCx with the covariance
 * C = Σ (y − ȳ)(y − ȳ)ᵀ / n.
 */
export interface FactorMoments {
  k: number;
  /** k rows of C, then ȳ: (k + 1) × k. */
  table: Float64Array;
}

/** A variance that is smaller than this share of Σ x_p² C_pp is what rounding left of 0. */
const NOTHING = 2 ** -40;

/** Films whose part in the covariance is worked out at once: at k = 64 a part of the second-level cache. */
export const FILMS_AT_ONCE = 256;

/** out[i·k + j] = row i · row j, by `dot`; `rows`: k × FILMS_AT_ONCE. */
export type PairProducts = (rows: Float64Array, k: number, out: Float64Array) => void;

/** Of the first `known` rows of `factors` (rows × k). */
export function createFactorMoments(
  factors: Float32Array | Float64Array,
  k: number,
  known: number,
  pairs: PairProducts = pairsByDot,
): FactorMoments {
  const table = new Float64Array((k + 1) * k);
  const mean = table.subarray(k * k);
  for (let row = 0; row < known; row++) for (let j = 0; j < k; j++) mean[j]! += factors[row * k + j]!;
  for (let j = 0; j < k; j++) mean[j]! /= Math.max(known, 1);
  const away = new Float64Array(k * FILMS_AT_ONCE);
  const products = new Float64Array(k * k);
  for (let first = 0; first < known; first += FILMS_AT_ONCE) {
    away.fill(0);
    for (let n = 0; n < FILMS_AT_ONCE && first + n < known; n++) {
      const at = (first + n) * k;
      for (let j = 0; j < k; j++) away[j * FILMS_AT_ONCE + n] = factors[at + j]! - mean[j]!;
    }
    pairs(away, k, products);
    for (let n = 0; n < products.length; n++) table[n]! += products[n]!;
  }
  for (let n = 0; n < products.length; n++) table[n]! /= Math.max(known, 1);
  return { k, table };
}

const pairsByDot: PairProducts = (rows, k, out) => {
  for (let i = 0; i < k; i++) {
    for (let j = 0; j <= i; j++) {
      const product = dot(rows, i * FILMS_AT_ONCE, rows, j * FILMS_AT_ONCE, FILMS_AT_ONCE);
      out[i * k + j] = out[j * k + i] = product;
    }
  }
};

/** `product(p)`: row p of the table times x, by `dot`, with whose bits this is the same wherever it is computed. */
export function momentsOfTaste(
  { k, table }: FactorMoments,
  x: ArrayLike<number>,
  product: (p: number) => number,
): Moments {
  let variance = 0;
  let most = 0;
  for (let p = 0; p < k; p++) {
    variance += x[p]! * product(p);
    most += x[p]! * x[p]! * table[p * k + p]!;
  }
  // not ">", so that what is not a number stays none
  return { mean: product(k), deviation: variance <= NOTHING * most ? 0 : Math.sqrt(variance) };
}

/** The readable way. Of items, whose tastes are no inner products, nothing is known before a look at every film. */
export function momentsOfSource(
  source: TasteSource,
  known: number,
): (x: ArrayLike<number>) => Moments | undefined {
  if (source.kind === 'items') return () => undefined;
  const { films, k } = source;
  const moments = createFactorMoments(films, k, known);
  return (x) => {
    const own = Float64Array.from(x);
    return momentsOfTaste(moments, own, (p) => dot(own, 0, moments.table, p * k, k));
  };
}
