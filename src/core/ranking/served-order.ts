import { type Blend, blendInto, createBlendParts } from './blend.js';
import { mergeNewFilms, placesForNew } from './new-films.js';
import { selectTop } from './select-top.js';
import { momentsOfSource } from './taste-moments.js';
import { tasteInto, type TasteSource } from './taste-source.js';

/** A viewer as the order sees it. */
export interface OrderedViewer {
  /** x_u, as the source of taste takes it (taste-source.ts); null where the model knows nothing that the viewer liked. */
  x: ArrayLike<number> | null;
  /** See genreTasteOf. */
  genreTaste: Float64Array | null;
}
/** What one viewer's list may not hold: rows of its own, in any order, and those of its class (`addClass`). */
export interface ListLimits {
  hidden: ArrayLike<number>;
  group: number;
}

/** A viewer's best rows of the model, best first; `taste`, `genres` and the trend add up to `total` (BlendParts). */
export interface TopRows {
  rows: readonly number[];
  taste: readonly number[];
  genres: readonly number[];
  total: readonly number[];
}

/**
 * The served order (blend.ts) of a published model for blocks of viewers. Every implementation gives the same bits. Holds
 * scratch memory: one per thread.
 */
export interface ServedOrder {
  /** Viewers of a block, at most. */
  readonly block: number;
  /** `closed`: 1 for each row that viewers of this class never get (age, rights). Returns its number. */
  addClass(closed: Uint8Array): number;
  /** Scores a block; what follows is about its viewers, by their place in it, until the next call. */
  score(viewers: readonly OrderedViewer[]): void;
  /** The taste of every row, as its source gives it. */
  tasteInto(viewer: number, out: Float64Array): void;
  /** The blended score of every row. */
  totalInto(viewer: number, out: Float64Array): void;
  /**
   * The `size` best rows of each viewer, by (total desc, row asc), new films at their quota
   * (new-films.ts). Last of a block: what it hides is gone from the scores.
   */
  top(limits: readonly ListLimits[], size: number): TopRows[];
  /**
   * The order of the same model by another catalogue: a `blend` that differs in genres alone. What hangs on the model is kept,
   * this order itself is done with.
   */
  over(blend: Blend): ServedOrder;
}

export type CreateServedOrder = (source: TasteSource, blend: Blend) => ServedOrder;

/** The readable one, a viewer at a time; src/kernels/simd has the fast one. */
export const createPlainOrder: CreateServedOrder = (source, first) =>
  plainOrder(source, first, momentsOfSource(source, first.known));

function plainOrder(
  source: TasteSource,
  blend: Blend,
  momentsOf: ReturnType<typeof momentsOfSource>,
): ServedOrder {
  const { rows, known, newPerTwenty: perTwenty } = blend;
  const taste = new Float64Array(rows);
  const parts = createBlendParts(rows);
  const classes: Uint8Array[] = [];
  let block: readonly OrderedViewer[] = [];

  const scoreOne = ({ x, genreTaste }: OrderedViewer): void => {
    if (x === null) taste.fill(0);
    else tasteInto(source, x, taste);
    if (x === null) blendInto(blend, null, genreTaste, parts);
    else blendInto(blend, taste, genreTaste, parts, momentsOf(x));
  };

  return {
    block: 1,
    addClass: (closed) => classes.push(closed) - 1,
    score: (viewers) => (block = viewers),
    tasteInto(viewer, out) {
      scoreOne(block[viewer]!);
      out.set(taste);
    },
    totalInto(viewer, out) {
      scoreOne(block[viewer]!);
      out.set(parts.total);
    },
    top: (limits, size) =>
      limits.map(({ hidden, group }, viewer) => {
        scoreOne(block[viewer]!);
        const own = new Set(Array.from(hidden));
        const isCandidate = (row: number) => classes[group]![row] === 0 && !own.has(row);
        const topOf = (isWanted: (row: number) => boolean, most: number) => {
          const best = selectTop(parts.total, (row) => isWanted(row) && isCandidate(row), most);
          return { rows: best, total: best.map((row) => parts.total[row]!) };
        };
        const others = topOf((row) => row < known, size);
        const fresh = topOf((row) => row >= known, placesForNew(size, perTwenty));
        const found = mergeNewFilms(others, fresh, { size, perTwenty });
        const of = (values: Float64Array) => found.rows.map((row) => values[row]!);
        return { ...found, taste: of(parts.taste), genres: of(parts.genres) };
      }),
    over: (next) => plainOrder(source, next, momentsOf),
  };
}
