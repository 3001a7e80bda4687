import type { Arena } from '../als/arena.js';
import { solveFactorised } from '../als/dense.js';
import { type FilmFeatures, type FilmRows, sharedRows } from '../als/film-features.js';
import { createPrior, preparePrior, type Prior } from '../als/prior.js';

/**
 * What facts say of films that EASE has not learnt: the ridge of core/als/prior.ts, of a viewer's scores in place of factors.
 * With f_i the facts of learnt film i, F their rows, D how many liked each (and one more), its mean 1, and s_u = x_u(I + B): what the
 * viewer liked, and what EASE makes of it,
 *   score of film c = f_c·N⁻¹FᵀD s_u,   N = FᵀDF + γI.
 * That is linear in x_u: column c of the weights is (I + B) a_c with a_c = D F N⁻¹ f_c, so that reasons stay exact. Shared arrays.
 */
export interface EaseFacts {
  /** F, and the Cholesky factor of N. */
  prior: Prior;
  /** D, before it is divided by its mean. */
  likes: Float64Array;
  /** Facts of the new films, which get columns. */
  fresh: FilmRows;
  freshFilms: number;
  /** a_c: fresh films × films. */
  shares: Float64Array;
  /** Columns of the weights: films × fresh films. */
  weights: Float32Array;
}

export interface FactsInput {
  gamma: number;
  features: FilmFeatures;
  fresh: FilmRows;
}

/** `likes`: viewers who liked each learnt film. */
export function createEaseFacts(
  arena: Arena,
  { gamma, features, fresh }: FactsInput,
  likes: Float64Array,
): EaseFacts {
  const films = likes.length;
  const freshFilms = fresh.start.length - 1;
  const own = arena.float64(films);
  for (let i = 0; i < films; i++) own[i] = 1 + likes[i]!;
  return {
    prior: createPrior(arena, features, 0, gamma),
    likes: own,
    fresh: sharedRows(arena, fresh),
    freshFilms,
    shares: arena.float64(freshFilms * films),
    weights: arena.float32(films * freshFilms),
  };
}

/** Once, before all else. */
export function prepareFacts({ prior, likes }: EaseFacts): void {
  preparePrior(prior, likes);
}

/** a_c of new film c. */
export function shareFacts({ prior, likes, fresh, shares }: EaseFacts, c: number): void {
  const { features, normal, side, rows } = prior;
  const b = new Float64Array(features);
  for (let a = fresh.start[c]!; a < fresh.start[c + 1]!; a++) b[fresh.feature[a]!] = fresh.value[a]!;
  solveFactorised(normal, side, features, b);
  const mean = meanOf(likes);
  for (let i = 0; i < likes.length; i++) {
    let sum = 0;
    for (let a = rows.start[i]!; a < rows.start[i + 1]!; a++) sum += rows.value[a]! * b[rows.feature[a]!]!;
    shares[c * likes.length + i] = (likes[i]! / mean) * sum;
  }
}

/** Row j of the new films' weights, from row j of B. */
export function freshRow(
  { shares, weights, freshFilms, likes }: EaseFacts,
  j: number,
  row: Float32Array,
): void {
  const films = likes.length;
  for (let c = 0; c < freshFilms; c++) {
    const from = c * films;
    let sum = shares[from + j]!;
    for (let i = 0; i < films; i++) sum += row[i]! * shares[from + i]!;
    weights[j * freshFilms + c] = sum;
  }
}

/** Writes N⁻¹FᵀD s for the scores s of all learnt films, and then what it says of films with the given facts. */
export function scoresByFacts(
  { prior, likes }: EaseFacts,
  scores: ArrayLike<number>,
  films: FilmRows,
  out: Float64Array,
): void {
  const { features, normal, side, rows } = prior;
  const b = new Float64Array(features);
  const mean = meanOf(likes);
  for (let i = 0; i < likes.length; i++) {
    const y = (likes[i]! / mean) * scores[i]!;
    for (let a = rows.start[i]!; a < rows.start[i + 1]!; a++) b[rows.feature[a]!]! += y * rows.value[a]!;
  }
  solveFactorised(normal, side, features, b);
  for (let c = 0; c < out.length; c++) {
    let sum = 0;
    for (let a = films.start[c]!; a < films.start[c + 1]!; a++) {
      sum += films.value[a]! * b[films.feature[a]!]!;
    }
    out[c] = sum;
  }
}

function meanOf(values: Float64Array): number {
  let total = 0;
  for (const value of values) total += value;
  return total / values.length;
}
