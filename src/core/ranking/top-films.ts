/** Viewers whose lists are wanted at once; film rows in ascending id order. */
export interface TopRequest {
  /** viewers × k */
  factors: Float32Array;
  /** Film rows that each viewer must not get, in any order. */
  hidden: readonly ArrayLike<number>[];
  /** Of each viewer, a class made by `addClass`. */
  classOf: ArrayLike<number>;
}

/** viewers × size, best first; −1 and −∞ where there are no more. */
export interface TopFilms {
  film: Int32Array;
  score: Float32Array;
}

/**
 * The `size` films of the highest x·y for each viewer, by (score desc, film row asc). A score is the single-precision sum
 * of the single-precision products over the columns in order, on every implementation: lists are equal to the bit. A score
 * that is not a number is never listed. Holds scratch memory: one per thread.
 */
export interface TopScorer {
  /** `closed`: 1 for each film row that viewers of this class never get (age, rights). Returns its number. */
  addClass(closed: Uint8Array): number;
  /** Valid until the next call. */
  top(request: TopRequest): TopFilms;
}

/** `films`: rows × k. */
export type CreateTopScorer = (films: Float32Array, k: number, size: number) => TopScorer;
