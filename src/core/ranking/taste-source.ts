import { dot } from '../als/dense.js';

/**
 * What gives each row its taste t for a viewer x. Rows are the films that a model has learnt, then those it knows by facts.
 * - factors: x is k numbers, t_i = x·y_i.
 * - items: x is the rows of what the viewer liked, t_i = Σ_{j of x} B_ji.
 * Plain arrays, for threads.
 */
export type TasteSource =
  { kind: 'factors'; /** rows × k */ films: Float32Array | Float64Array; k: number } | ItemWeights;

export interface ItemWeights {
  kind: 'items';
  /** B: row j is what liking film j says of every learnt film; films × pitch. */
  weights: Float32Array;
  films: number;
  pitch: number;
  /** The same of films known by facts: films × `fresh`. */
  freshWeights: Float32Array;
  fresh: number;
}

/** t of every row, by the sums that all implementations must equal to the bit: products and items in order, in double precision. */
export function tasteInto(source: TasteSource, x: ArrayLike<number>, out: Float64Array): void {
  if (source.kind === 'items') return sumItems(source, x, out);
  const { films, k } = source;
  const own = Float64Array.from(x);
  for (let row = 0; row < out.length; row++) out[row] = dot(own, 0, films, row * k, k);
}

function sumItems(
  { weights, films, pitch, freshWeights, fresh }: ItemWeights,
  x: ArrayLike<number>,
  out: Float64Array,
): void {
  out.fill(0);
  for (let n = 0; n < x.length; n++) {
    const j = x[n]!;
    for (let i = 0, at = j * pitch; i < films; i++, at++) out[i]! += weights[at]!;
    for (let i = 0, at = j * fresh; i < fresh; i++, at++) out[films + i]! += freshWeights[at]!;
  }
}

/** What film j of a history adds to the taste of a row. */
export function itemWeight(
  { weights, films, pitch, freshWeights, fresh }: ItemWeights,
  j: number,
  row: number,
): number {
  return row < films ? weights[j * pitch + row]! : freshWeights[j * fresh + row - films]!;
}
