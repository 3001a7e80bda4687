import { normal, randomOf } from '../random/random.js';
import type { Workspace } from './workspace.js';

/** Factors of an earlier model, to start from. Row r belongs to filmIds[r]. */
export interface FilmFactors {
  k: number;
  filmIds: string[];
  /** films × k, row-major */
  factors: Float32Array;
}

/**
 * Fills the films' rows: each film starts from its earlier row, or else from N(0, initSd/√k) out of a generator keyed by
 * (seed, film id). A film's start thus never depends on which other films exist: nights stay comparable (science A.4).
 * Returns how many films started warm. An earlier model of another k is ignored.
 */
export function startFilms(
  { films, stride, hyper: { k } }: Pick<Workspace, 'films' | 'stride' | 'hyper'>,
  filmIds: string[],
  { seed, initSd }: { seed: number; initSd: number },
  earlier?: FilmFactors,
): number {
  const warm =
    earlier?.k === k ? new Map(earlier.filmIds.map((id, row) => [id, row])) : new Map<string, number>();
  const sd = initSd / Math.sqrt(k);
  let warmFilms = 0;
  filmIds.forEach((id, row) => {
    const to = films.factors.subarray(row * stride, row * stride + k);
    const from = warm.get(id);
    if (earlier !== undefined && from !== undefined) {
      to.set(earlier.factors.subarray(from * k, (from + 1) * k));
      warmFilms++;
    } else {
      const random = randomOf('film-start', seed, id);
      for (let j = 0; j < k; j++) to[j] = sd * normal(random);
    }
  });
  return warmFilms;
}
