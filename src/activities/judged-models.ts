import { type Judgement, type Metric, valuesOf } from '../core/metrics/judgement.js';

/** Scorers of a night's judgement, in their order. The candidate is the order that is served; its taste alone stands beside it. */
export const LINES = ['blend', 'taste', 'popularity', 'weighted-rating', 'champion'] as const;
export type Line = (typeof LINES)[number];
export const CANDIDATE = 'blend';

/** The K of the paired differences and of lists, always measured; and the depth of a served list. */
export const DIFFERENCE_K = 10;
export const LIST_K = 50;

export const placeOf = (line: Line) => LINES.indexOf(line);

/** A metric at one K of every judged viewer. */
export function valuesAt(judgement: Judgement, line: Line, k: number, metric: Metric): Float64Array {
  return valuesOf(judgement, placeOf(line), judgement.ks.indexOf(k), metric);
}

export const minus = (a: Float64Array, b: Float64Array) => a.map((value, n) => value - b[n]!);
