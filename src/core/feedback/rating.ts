import type { FeedbackConfig } from '../../contracts/index.js';
import { MICRO, micro } from './decay.js';

/** C: the mean of all newest ratings, in millionths. */
export function meanRatingMicro(values: number[]): number {
  const sum = values.reduce((a, b) => a + b, 0);
  return Math.floor((sum * MICRO) / Math.max(values.length, 1));
}

/** b_u = (n·r̄_u + prior·C) / (n + prior): the viewer's own middle, shrunken to everybody's (science A.3). In millionths. */
export function midpointMicro(ratings: number[], meanMicro: number, prior: number): number {
  const sum = ratings.reduce((a, b) => a + b, 0);
  return Math.floor((sum * MICRO + prior * meanMicro) / Math.max(ratings.length + prior, 1));
}

/** clip((r − b_u) / scale, min, max), in millionths. */
export function ratingStrength(rating: number, midpoint: number, config: FeedbackConfig['rating']): number {
  const raw = Math.trunc(((rating * MICRO - midpoint) * MICRO) / micro(config.scale));
  return Math.min(Math.max(raw, micro(config.min)), micro(config.max));
}
