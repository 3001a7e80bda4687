import type { Judge, Trainer } from '../../activities/deps.js';
import type { Config } from '../../contracts/config.js';
import type { MetricsAtK } from '../../contracts/report.js';
import { sharedFloat64, sharedInt32 } from '../../core/als/cells.js';
import { startFilms } from '../../core/als/start.js';
import { createWorkspace, rowsOf } from '../../core/als/workspace.js';
import { type FilmLists, packLists } from '../../core/metrics/film-lists.js';
import { formulaScores } from '../../core/metrics/formula-scores.js';
import { type Scorer, createJudgement, summarise } from '../../core/metrics/judgement.js';
import type { Votes } from '../../core/weighted-rating/index.js';
import { UsageError } from '../errors.js';
import type { Experiment } from './experiment.js';
import { type Pairs, groupBy } from './pairs.js';
import { binaryWeights, ratingScale, signalWeights, trainingCells } from './preferences.js';

export const MODELS = ['als', 'popularity', 'weighted-rating'] as const;
export type ModelName = (typeof MODELS)[number];

export interface MeasureOptions {
  models: ModelName[];
  preference: 'binary' | 'signals';
  k: number;
  config: Config;
  /** One line of progress. */
  say: (text: string) => void;
}

export interface Measured {
  protocol: string;
  /** Viewers measured. */
  n: number;
  metrics: Partial<Record<ModelName, MetricsAtK>>;
}

/** Trains what needs training on the experiment's train part and measures every model on its test part. */
export async function measure(
  experiment: Experiment,
  options: MeasureOptions,
  compute: { trainer: Trainer; judge: Judge },
): Promise<Measured> {
  const { config, say } = options;
  const scorers: Scorer[] = [];
  for (const model of options.models) {
    scorers.push(
      model === 'als'
        ? await alsScorer(experiment, options, compute.trainer)
        : { kind: 'shared', name: model, scores: sharedScores(model, experiment, options) },
    );
  }
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
  return { protocol: experiment.protocol, n: experiment.viewers.length, metrics };
}

async function alsScorer(
  { train, viewerCount, films, viewers }: Experiment,
  { preference, config, say }: MeasureOptions,
  trainer: Trainer,
): Promise<Scorer> {
  const weights =
    preference === 'binary' ? binaryWeights(train) : signalWeights(train, viewerCount, config.feedback);
  const floors = preference === 'binary' ? { minUserPos: 1, minItemUsers: 1 } : config.eligibility;
  const training = trainingCells(train, weights, { viewers: viewerCount, films: films.length }, floors);
  if (training.films.length === 0) {
    throw new UsageError(
      `no film has the ${floors.minItemUsers} raters that eligibility.minItemUsers asks for; lower it or use --preference binary`,
    );
  }
  const { epochsCold, solver, threads } = config.ials;
  const { arena, byRow, byColumn } = training.cells;
  const workspace = createWorkspace({ arena, byViewer: byRow, byFilm: byColumn }, config.ials);
  const filmIds = Array.from(training.films, (film) => films[film] ?? '');
  startFilms(workspace, filmIds, config.ials);
  await trainer.train(workspace, {
    epochs: epochsCold,
    solver,
    threads,
    onProgress: ({ epoch, rows, of }) =>
      say(`epoch ${epoch}/${epochsCold} ${Math.floor((100 * rows) / of)} %`),
    onEpoch: ({ epoch, of, loss }) => say(`epoch ${epoch}/${of} loss ${loss.toFixed(1)}`),
  });
  return {
    kind: 'factors',
    name: 'als',
    stride: workspace.stride,
    viewers: rowsOf(workspace, workspace.viewers, rowsOfViewers(training.viewers, viewers, viewerCount)),
    films: workspace.films.factors,
    rowOfFilm: inverse(training.films, films.length),
  };
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

/** The model's row of each measured viewer, −1 for one without any. */
function rowsOfViewers(modelViewers: Int32Array, wanted: Int32Array, viewerCount: number): Int32Array {
  const rowOf = inverse(modelViewers, viewerCount);
  return wanted.map((viewer) => rowOf[viewer]!);
}

function inverse(kept: Int32Array, size: number): Int32Array {
  const rowOf = sharedInt32(size).fill(-1);
  kept.forEach((original, row) => {
    rowOf[original] = row;
  });
  return rowOf;
}

/** Train films of each measured viewer: masked in the full ranking. */
function seenLists({ train, viewers, viewerCount }: Experiment): FilmLists {
  const { start, order } = groupBy(train.viewer, train.count, viewerCount);
  const lists = Array.from(viewers, (viewer) =>
    order
      .subarray(start[viewer]!, start[viewer + 1]!)
      .map((pair) => train.film[pair]!)
      .sort(),
  );
  return packLists(lists);
}
