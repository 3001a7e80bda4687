import type { Judge, Threads, Trainer } from '../../activities/deps.js';
import type { Config } from '../../contracts/config.js';
import { sharedInt32 } from '../../core/als/cells.js';
import { epochStep } from '../../core/als/epoch-step.js';
import { NOTHING_KNOWN, filmFeatures } from '../../core/als/film-features.js';
import { startFilms } from '../../core/als/start.js';
import { createWorkspace, rowsOf } from '../../core/als/workspace.js';
import { createEaseWorkspace } from '../../core/ease/workspace.js';
import { packLists } from '../../core/metrics/film-lists.js';
import type { Scorer } from '../../core/metrics/judgement.js';
import { UsageError } from '../errors.js';
import type { Experiment } from './experiment.js';
import { type TrainingCells, binaryWeights, signalWeights, trainingCells } from './preferences.js';

export interface Compute {
  threads: Threads;
  trainer: Trainer;
  judge: Judge;
}

export interface FitOptions {
  preference: 'binary' | 'signals';
  config: Config;
  say: (text: string) => void;
}

export async function fitAls(
  experiment: Experiment,
  options: FitOptions,
  { trainer }: Compute,
): Promise<Scorer> {
  const { config, say } = options;
  const { films, viewers, viewerCount } = experiment;
  const training = cellsOf(experiment, options);
  const { epochsCold, solver, threads } = config.ials;
  const { arena, byRow, byColumn } = training.cells;
  const filmIds = Array.from(training.films, (film) => films[film] ?? '');
  const content = contentOf(filmIds, experiment, config.ials.priorGamma);
  const workspace = createWorkspace({ arena, byViewer: byRow, byFilm: byColumn }, config.ials, content);
  startFilms(workspace, filmIds, config.ials);
  let loss = '';
  await trainer.train(workspace, {
    epochs: epochsCold,
    solver,
    threads,
    // What ends in % stands on a terminal alone: elsewhere a fit is the one line of whoever asked for it.
    onProgress: (progress) => {
      const { step, done, of } = epochStep(progress, epochsCold);
      say(`${step}${loss} ${Math.floor((100 * done) / of)} %`);
    },
    onEpoch: (done) => {
      loss = `, loss ${done.loss.toFixed(1)},`;
    },
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

/** The content prior, as the night has it; none where no facts were given. */
function contentOf(filmIds: readonly string[], { facts }: Experiment, gamma: number | null) {
  if (facts === null || gamma === null) return undefined;
  return { gamma, features: filmFeatures(filmIds.map((id) => facts.get(id) ?? NOTHING_KNOWN)) };
}

/** EASE on the train pairs that count as liked; a viewer's history is those pairs. */
export async function fitEaseModel(
  experiment: Experiment,
  options: FitOptions,
  { trainer }: Compute,
  lambda: number,
): Promise<Scorer> {
  const { films, viewers, viewerCount } = experiment;
  const training = cellsOf(experiment, options);
  const workspace = createEaseWorkspace(training.cells, lambda);
  await trainer.fitEase(workspace, {
    threads: options.config.ials.threads,
    onProgress: (share) => options.say(`ease ${Math.floor(100 * share)} %`),
  });
  const { start, column } = workspace.byViewer;
  const rows = rowsOfViewers(training.viewers, viewers, viewerCount);
  return {
    kind: 'items',
    name: 'ease',
    items: {
      kind: 'items',
      weights: workspace.matrix,
      films: workspace.films,
      pitch: workspace.size,
      freshWeights: new Float32Array(),
      fresh: 0,
    },
    histories: packLists(
      Array.from(rows, (row) => (row < 0 ? [] : column.subarray(start[row], start[row + 1]))),
    ),
    rowOfFilm: inverse(training.films, films.length),
  };
}

function cellsOf(
  { train, viewerCount, films }: Experiment,
  { preference, config }: FitOptions,
): TrainingCells {
  const weights =
    preference === 'binary' ? binaryWeights(train) : signalWeights(train, viewerCount, config.feedback);
  const floors = preference === 'binary' ? { minUserPos: 1, minItemUsers: 1 } : config.eligibility;
  const training = trainingCells(train, weights, { viewers: viewerCount, films: films.length }, floors);
  if (training.films.length === 0) {
    throw new UsageError(
      `no film has the ${floors.minItemUsers} raters that eligibility.minItemUsers asks for; lower it or use --preference binary`,
    );
  }
  return training;
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
