import type { Config } from '../../contracts/config.js';
import type { MetricsAtK } from '../../contracts/report.js';
import { sharedFloat64, sharedInt32 } from '../../core/als/cells.js';
import { type FilmLists, packLists } from '../../core/metrics/film-lists.js';
import { formulaScores } from '../../core/metrics/formula-scores.js';
import type { Interval } from '../../core/metrics/bootstrap.js';
import {
  type Judgement,
  type Scorer,
  createJudgement,
  summarise,
  valuesOf,
} from '../../core/metrics/judgement.js';
import type { Votes } from '../../core/weighted-rating/index.js';
import type { Experiment } from './experiment.js';
import { type Compute, fitAls, fitEaseModel } from './fit.js';
import { type Pairs, groupBy } from './pairs.js';
import { binaryWeights, ratingScale } from './preferences.js';

export const MODELS = ['als', 'ease', 'popularity', 'weighted-rating'] as const;
export type ModelName = (typeof MODELS)[number];

export interface MeasureOptions {
  models: ModelName[];
  preference: 'binary' | 'signals';
  k: number;
  config: Config;
  easeLambda: number;
  /** One line of progress. */
  say: (text: string) => void;
}

export interface Measured {
  protocol: string;
  /** Viewers measured. */
  n: number;
  metrics: Partial<Record<ModelName, MetricsAtK>>;
  /** The first model's NDCG@k minus popularity's, with one-sided 95 % bounds; null when popularity was not measured. */
  ahead: Interval | null;
}

/** Trains what needs training on the experiment's train part and measures every model on its test part. */
export async function measure(
  experiment: Experiment,
  options: MeasureOptions,
  compute: Compute,
): Promise<Measured> {
  const { config, say } = options;
  const scorers: Scorer[] = [];
  for (const model of options.models) scorers.push(await scorerOf(model, experiment, options, compute));
  const judgement = createJudgement({
    films: experiment.films.length,
    relevant: experiment.relevant,
    seen: seenLists(experiment),
    classOf: sharedInt32(experiment.viewers.length),
    hidden: new Uint8Array(experiment.films.length),
    candidates: experiment.candidates,
    ks: [options.k],
    scorers,
  });
  await compute.judge.rank(judgement, {
    threads: config.ials.threads,
    onProgress: (done, of) => say(`ranking ${Math.floor((100 * done) / of)} %`),
  });
  const metrics: Measured['metrics'] = {};
  options.models.forEach((model, s) => {
    const atK = summarise(judgement, s, experiment.films.length)[String(options.k)];
    if (atK !== undefined) metrics[model] = atK;
  });
  return {
    protocol: experiment.protocol,
    n: experiment.viewers.length,
    metrics,
    ahead: await aheadOf(judgement, options, compute),
  };
}

async function aheadOf(
  judgement: Judgement,
  { models, config }: MeasureOptions,
  { judge }: Compute,
): Promise<Interval | null> {
  const popularity = models.indexOf('popularity');
  if (popularity < 1) return null;
  const [ours, theirs] = [0, popularity].map((s) => valuesOf(judgement, s, 0, 'ndcg')) as [
    Float64Array,
    Float64Array,
  ];
  const { bootstrap, seed } = config.evaluate;
  return judge.interval(
    ours.map((value, n) => value - theirs[n]!),
    { seed, resamples: bootstrap, threads: config.ials.threads },
  );
}

async function scorerOf(
  model: ModelName,
  experiment: Experiment,
  options: MeasureOptions,
  compute: Compute,
): Promise<Scorer> {
  switch (model) {
    case 'als':
      return fitAls(experiment, options, compute);
    case 'ease':
      return fitEaseModel(experiment, options, compute, options.easeLambda);
    case 'popularity':
    case 'weighted-rating':
      return { kind: 'shared', name: model, scores: sharedScores(model, experiment, options) };
  }
}

function sharedScores(
  model: 'popularity' | 'weighted-rating',
  { train, films }: Experiment,
  { preference, config }: MeasureOptions,
): Float64Array {
  if (model === 'weighted-rating') return formulaScores(votesOf(train, films), config.weightedRating);
  const weights = preference === 'binary' ? binaryWeights(train) : null;
  const scores = sharedFloat64(films.length);
  for (let n = 0; n < train.count; n++) if (weights === null || weights[n]! > 0) scores[train.film[n]!]!++;
  return scores;
}

/** Votes per film, on the scale 1..10. */
function votesOf(train: Pairs, films: string[]): Votes[] {
  const scale = ratingScale(train);
  const votes = films.map((filmId) => ({ filmId, votes: 0, ratingSum: 0 }));
  for (let n = 0; n < train.count; n++) {
    const film = votes[train.film[n]!]!;
    film.votes++;
    film.ratingSum += train.rating[n]! * scale;
  }
  return votes;
}

/** Train films of each measured viewer, and those seen besides: masked in the full ranking. */
function seenLists({ train, seen, viewers, viewerCount }: Experiment): FilmLists {
  const parts = [train, seen].map((pairs) => ({ pairs, ...groupBy(pairs.viewer, pairs.count, viewerCount) }));
  const lists = Array.from(viewers, (viewer) => {
    const films = parts.flatMap(({ pairs, start, order }) =>
      Array.from(order.subarray(start[viewer]!, start[viewer + 1]!), (pair) => pairs.film[pair]!),
    );
    return Int32Array.from(new Set(films)).sort();
  });
  return packLists(lists);
}
