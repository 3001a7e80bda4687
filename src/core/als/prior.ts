import type { Arena } from './arena.js';
import { factorise, solveFactorised, strideOf } from './dense.js';
import { type FilmFeatures, type FilmRows, sharedRows } from './film-features.js';

/**
 * The content prior of films (science I.2): where the ridge of film i pulls its factors to is B f_i, with f_i its facts and
 *   B = argmin Σ_i λ_i‖y_i − B f_i‖² + γ λ̄‖B‖²,   λ̄ the mean of λ_i,
 * a ridge in which a film counts by its interactions, for λ_i is. Both sums belong to the loss of training, so that fitting B
 * never lets it grow. A film that nobody rated is B f_i exactly; a heavy one hardly hears of it. All arrays are shared.
 */
export interface Prior {
  gamma: number;
  /** Features, and the side of `normal`: that number rounded up to the tile of dense.ts. */
  features: number;
  side: number;
  /** f_i of the films of the training, in compressed rows. */
  rows: FilmRows;
  /** The Cholesky factor of FᵀDF + γI, D = λ_i/λ̄: side × side, lower triangle. */
  normal: Float64Array;
  /** B: the coefficients of one latent column after the other, k × features. */
  coefficients: Float64Array;
  /** γ λ̄‖B_j‖² of each column: its part of the loss. */
  lossParts: Float64Array;
}

/** Of films in the rows' order. Nothing is fitted yet: B is zero. */
export function createPrior(arena: Arena, films: FilmFeatures, k: number, gamma: number): Prior {
  const features = films.names.length;
  const side = strideOf(features);
  return {
    gamma,
    features,
    side,
    rows: sharedRows(arena, films),
    normal: arena.float64(side * side),
    coefficients: arena.float64(k * features),
    lossParts: arena.float64(k),
  };
}

/** The normal matrix depends on facts and ridges alone: factorised once, before the first fit. */
export function preparePrior({ gamma, features, side, rows, normal }: Prior, ridge: Float64Array): void {
  const { start, feature, value } = rows;
  const mean = meanOf(ridge);
  normal.fill(0);
  for (let i = 0; i < ridge.length; i++) {
    const weight = ridge[i]! / mean;
    for (let a = start[i]!; a < start[i + 1]!; a++) {
      const at = feature[a]! * side;
      for (let b = start[i]!; b <= a; b++) normal[at + feature[b]!]! += weight * value[a]! * value[b]!;
    }
  }
  for (let p = 0; p < side; p++) normal[p * side + p]! += p < features ? gamma : 1;
  factorise(normal, side);
}

/** Column j of B from that column of the films' factors, and where it pulls them to. Both are films × stride. */
export function fitPriorColumn(
  prior: Prior,
  j: number,
  stride: number,
  ridge: Float64Array,
  factors: Float32Array,
  out: Float32Array,
): void {
  const { gamma, features, side, rows, normal, coefficients, lossParts } = prior;
  const { start, feature, value } = rows;
  const mean = meanOf(ridge);
  const b = coefficients.subarray(j * features, (j + 1) * features);
  b.fill(0);
  for (let i = 0; i < ridge.length; i++) {
    const y = (ridge[i]! / mean) * factors[i * stride + j]!;
    for (let a = start[i]!; a < start[i + 1]!; a++) b[feature[a]!]! += y * value[a]!;
  }
  solveFactorised(normal, side, features, b);
  for (let i = 0; i < ridge.length; i++) out[i * stride + j] = priorOf(rows, i, b);
  let square = 0;
  for (const value of b) square += value * value;
  lossParts[j] = gamma * mean * square;
}

/** B f of films, of the training or not, by the same features: rows × k. */
export function priorFactors(
  { coefficients, features }: Pick<Prior, 'coefficients' | 'features'>,
  films: Omit<FilmFeatures, 'names'>,
): Float32Array<ArrayBuffer> {
  const count = films.start.length - 1;
  const k = features === 0 ? 0 : coefficients.length / features;
  const out = new Float32Array(count * k);
  for (let j = 0; j < k; j++) {
    const b = coefficients.subarray(j * features, (j + 1) * features);
    for (let i = 0; i < count; i++) out[i * k + j] = priorOf(films, i, b);
  }
  return out;
}

function priorOf({ start, feature, value }: Omit<FilmFeatures, 'names'>, i: number, b: Float64Array): number {
  let sum = 0;
  for (let a = start[i]!; a < start[i + 1]!; a++) sum += value[a]! * b[feature[a]!]!;
  return sum;
}

function meanOf(values: Float64Array): number {
  let total = 0;
  for (const value of values) total += value;
  return total / values.length;
}
