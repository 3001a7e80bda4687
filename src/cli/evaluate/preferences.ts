import type { Config } from '../../contracts/config.js';
import { buildCells, createCellList } from '../../core/als/cells.js';
import type { Pairs } from './pairs.js';

const MICRO = 1_000_000;
const DAY_SECONDS = 86_400;

/** Cells to train on. Films keep their numbers in `filmRows`: the rows of the model, ascending. */
export interface TrainingCells {
  cells: ReturnType<typeof buildCells>;
  /** Film of each model row. */
  films: Int32Array;
  /** Viewer of each model row. */
  viewers: Int32Array;
}

/** `binary`: every pair is p = 1, w = 1; no floors. */
export function binaryWeights(pairs: Pairs): Int32Array {
  return new Int32Array(pairs.count).fill(MICRO);
}

/**
 * `signals`: the rating row of the product's signal table (science A.3), seen from the newest train pair:
 *   e = clip((r − b_u)/scale) · 2^(−age/H);  e ≥ posThreshold: p = 1, w = min(e, wMax);
 *   e ≤ negThreshold: p = 0, w = min(|e|, wNegMax);  else no cell (0).
 */
export function signalWeights(pairs: Pairs, viewers: number, feedback: Config['feedback']): Int32Array {
  const scale = ratingScale(pairs);
  const newest = maximum(pairs.at, pairs.count);
  const midpoint = midpoints(pairs, viewers, scale, feedback.rating.midpointPrior);
  const { rating } = feedback;
  const weights = new Int32Array(pairs.count);
  for (let n = 0; n < pairs.count; n++) {
    const raw = (pairs.rating[n]! * scale - midpoint[pairs.viewer[n]!]!) / rating.scale;
    const clipped = Math.min(rating.max, Math.max(rating.min, raw));
    const ageDays = (newest - pairs.at[n]!) / DAY_SECONDS;
    const strength = pairs.at[n] === 0 ? clipped : clipped * 2 ** (-ageDays / rating.halfLifeDays);
    if (strength >= feedback.posThreshold) weights[n] = micro(Math.min(strength, feedback.wMax));
    else if (strength <= feedback.negThreshold) weights[n] = -micro(Math.min(-strength, feedback.wNegMax));
  }
  return weights;
}

/** Ratings of a scale that ends at 5 are doubled to reach 1..10, as the importers do. */
export function ratingScale(pairs: Pairs): number {
  return maximum(pairs.rating, pairs.count) <= 5 ? 2 : 1;
}

/** Keeps films with enough raters, then viewers with enough positives among them; renumbers both, in order. */
export function trainingCells(
  pairs: Pairs,
  weights: Int32Array,
  sizes: { viewers: number; films: number },
  floors: Config['eligibility'],
): TrainingCells {
  const raters = new Int32Array(sizes.films);
  const positives = new Int32Array(sizes.viewers);
  for (let n = 0; n < pairs.count; n++) if (weights[n] !== 0) raters[pairs.film[n]!]!++;
  const films = numbered(raters, Math.max(1, floors.minItemUsers));
  for (let n = 0; n < pairs.count; n++) {
    if (weights[n]! > 0 && films.rowOf[pairs.film[n]!]! >= 0) positives[pairs.viewer[n]!]!++;
  }
  const viewers = numbered(positives, Math.max(1, floors.minUserPos));
  const list = createCellList(pairs.count);
  for (let n = 0; n < pairs.count; n++) {
    const row = viewers.rowOf[pairs.viewer[n]!]!;
    const column = films.rowOf[pairs.film[n]!]!;
    if (weights[n] === 0 || row < 0 || column < 0) continue;
    list.row[list.count] = row;
    list.column[list.count] = column;
    list.weightMicro[list.count++] = weights[n]!;
  }
  return {
    cells: buildCells(viewers.kept.length, films.kept.length, list),
    films: Int32Array.from(films.kept),
    viewers: Int32Array.from(viewers.kept),
  };
}

interface Numbered {
  /** Row of each, or −1. */
  rowOf: Int32Array;
  kept: number[];
}

function numbered(counts: Int32Array, floor: number): Numbered {
  const rowOf = new Int32Array(counts.length).fill(-1);
  const kept: number[] = [];
  counts.forEach((count, n) => {
    if (count >= floor) rowOf[n] = kept.push(n) - 1;
  });
  return { rowOf, kept };
}

/** b_u = (n·r̄_u + prior·C)/(n + prior): each viewer's mean rating, shrunken towards the mean of all ratings. */
function midpoints(pairs: Pairs, viewers: number, scale: number, prior: number): Float64Array {
  const sums = new Float64Array(viewers);
  const counts = new Int32Array(viewers);
  let total = 0;
  for (let n = 0; n < pairs.count; n++) {
    sums[pairs.viewer[n]!]! += pairs.rating[n]! * scale;
    counts[pairs.viewer[n]!]!++;
    total += pairs.rating[n]! * scale;
  }
  const mean = total / Math.max(1, pairs.count);
  return sums.map((sum, u) => (sum + prior * mean) / (counts[u]! + prior));
}

function maximum(values: Float32Array | Float64Array, count: number): number {
  let max = 0;
  for (let n = 0; n < count; n++) max = Math.max(max, values[n]!);
  return max;
}

const micro = (w: number) => Math.round(w * MICRO);
