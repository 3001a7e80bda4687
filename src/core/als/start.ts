import { normal, randomOf } from '../random/random.js';

/** Factors of an earlier model, to start from. Row r belongs to filmIds[r]. */
export interface FilmFactors {
  k: number;
  filmIds: string[];
  /** films × k, row-major */
  factors: Float32Array;
}

/**
 * Fills `out` (films × k): each film starts from its earlier row, or else from N(0, initSd/√k) out of a generator keyed by
 * (seed, film id). A film's start thus never depends on which other films exist: nights stay comparable (science A.4).
 * Returns how many films started warm. An earlier model of another k is ignored.
 */
export function startFilms(
  out: Float64Array,
  filmIds: string[],
  options: { k: number; seed: number; initSd: number },
  earlier?: FilmFactors,
): number {
  const { k } = options;
  const warm =
    earlier?.k === k ? new Map(earlier.filmIds.map((id, row) => [id, row])) : new Map<string, number>();
  let warmFilms = 0;
  filmIds.forEach((id, row) => {
    const from = warm.get(id);
    if (earlier !== undefined && from !== undefined) {
      out.set(earlier.factors.subarray(from * k, (from + 1) * k), row * k);
      warmFilms++;
    } else {
      seedRow(out.subarray(row * k, (row + 1) * k), id, options);
    }
  });
  return warmFilms;
}

function seedRow(
  row: Float64Array,
  filmId: string,
  { k, seed, initSd }: { k: number; seed: number; initSd: number },
): void {
  const random = randomOf('film-start', seed, filmId);
  const sd = initSd / Math.sqrt(k);
  for (let j = 0; j < k; j++) row[j] = sd * normal(random);
}
