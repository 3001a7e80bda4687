import { percent } from '../percent.js';
import { listOf } from './film-lists.js';
import { type Judgement, meanOf, valuesOf } from './judgement.js';

/** The K of `Judgement.resampled`, and of the test part. */
const K = 10;

/** What is known of how a model fits: NDCG@10 on a resample of what it learnt from and on the test part. */
export interface Fitting {
  /** Train minus test, of the candidate and of the champion; null = there is none. */
  gap: { candidate: number; champion: number | null };
  /** On the test part. */
  test: { candidate: number; popularity: number };
  /** On the resample. */
  train: { candidate: number; popularity: number };
  /** Loss of each epoch of the refit. */
  losses: readonly number[];
}

/** Of scorers by their place in the judgement; train means are over the viewers that have a resample. */
export function fittingOf(
  judgement: Judgement,
  { candidate, popularity, champion }: { candidate: number; popularity: number; champion: number | null },
  losses: readonly number[],
): Fitting {
  const { resample, ks } = judgement;
  const isDrawn = (viewer: number) => resample !== undefined && listOf(resample, viewer).length > 0;
  const train = (scorer: number) =>
    meanOf(judgement.resampled[scorer]!.filter((_, viewer) => isDrawn(viewer)));
  const test = (scorer: number) => meanOf(valuesOf(judgement, scorer, ks.indexOf(K), 'ndcg'));
  const gap = (scorer: number) => train(scorer) - test(scorer);
  return {
    gap: { candidate: gap(candidate), champion: champion === null ? null : gap(champion) },
    test: { candidate: test(candidate), popularity: test(popularity) },
    train: { candidate: train(candidate), popularity: train(popularity) },
    losses,
  };
}

export interface FittingLimits {
  /** The gap may be larger than the champion's by this share (science C.5). */
  maxGapGrowth: number;
  /** Share by which the last epoch may still lower the loss. */
  maxLastFall: number;
}

/** Over- and under-fitting in sentences; none when all is well. They warn, and gate nothing: G1 and G2 measure what it costs. */
export function fittingWarnings(
  { gap, test, train, losses }: Fitting,
  { maxGapGrowth, maxLastFall }: FittingLimits,
): string[] {
  const found: string[] = [];
  if (gap.champion !== null && gap.champion > 0 && gap.candidate > gap.champion * (1 + maxGapGrowth)) {
    found.push(
      `over-fitted: NDCG@10 on what was learnt is ${gap.candidate.toFixed(3)} above that on the test part, of the champion ` +
        `${gap.champion.toFixed(3)}, ${percent(maxGapGrowth)} more allowed; raise ials.lambda, lower ials.k, or ask matinee tune`,
    );
  }
  if (test.candidate < test.popularity) {
    const isLearnt = train.candidate > train.popularity;
    found.push(
      `${isLearnt ? 'over-fitted' : 'under-fitted'}: NDCG@10 ${test.candidate.toFixed(3)} on the test part is below popularity's ` +
        `${test.popularity.toFixed(3)}, ${isLearnt ? 'though' : 'as'} on what was learnt it is ${train.candidate.toFixed(3)} to ${train.popularity.toFixed(3)}`,
    );
  }
  const [before, last] = losses.slice(-2);
  if (before !== undefined && last !== undefined && before - last > maxLastFall * before) {
    found.push(
      `under-fitted: epoch ${losses.length} still lowered the loss by ${percent(1 - last / before)}, ` +
        `${percent(maxLastFall)} allowed; raise ials.epochsCold`,
    );
  }
  return found;
}
