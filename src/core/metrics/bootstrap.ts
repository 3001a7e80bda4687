import { below, randomOf } from '../random/random.js';
import { meanOf } from './judgement.js';

/** A mean with its one-sided 95 % bounds. */
export interface Interval {
  mean: number;
  lower: number;
  upper: number;
}

/** Resamples of one unit of work. */
export const RESAMPLES_PER_UNIT = 50;

/**
 * Means of bootstrap resamples from … to−1 of the viewers' paired differences. Each resample has a generator of its own,
 * keyed by (seed, number), so that any division of the work gives the same means.
 */
export function resampleMeans(
  differences: Float64Array,
  seed: number,
  from: number,
  to: number,
  out: Float64Array,
): void {
  const n = differences.length;
  for (let b = from; b < to; b++) {
    const random = randomOf('bootstrap', seed, b);
    let total = 0;
    for (let draw = 0; draw < n; draw++) total += differences[below(random, n)]!;
    out[b] = total / n;
  }
}

/** Percentile bounds: the 5 % and 95 % quantiles of the resampled means (nearest rank). */
export function percentileInterval(differences: Float64Array, means: Float64Array): Interval {
  const sorted = means.slice().sort();
  return { mean: meanOf(differences), lower: quantile(sorted, 0.05), upper: quantile(sorted, 0.95) };
}

/** Nearest-rank quantile of ascending values; NaN when there are none. */
export function quantile(sorted: Float64Array, q: number): number {
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(q * sorted.length) - 1))] ?? Number.NaN;
}
