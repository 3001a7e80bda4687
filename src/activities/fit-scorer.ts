import type { Config } from '../contracts/index.js';
import { type FilmFactors, startFilms } from '../core/als/start.js';
import { type Workspace, createWorkspace, publishedFactors, rowsOf } from '../core/als/workspace.js';
import type { FactorScorer } from '../core/metrics/judgement.js';
import type { Trainer } from './deps.js';
import type { TrainingData } from './training-cells.js';

export type Fit = FactorScorer & {
  /** Film factors as they would be published: films × k. */
  factors: Float32Array<ArrayBuffer>;
  k: number;
  /** Loss of each epoch. */
  losses: number[];
};

export interface FitOptions {
  name: string;
  ials: Config['ials'];
  training: TrainingData;
  /** Row of each catalogue film in the model, or −1. */
  rowOfFilm: Int32Array;
  /** Row of each measured viewer in the model. */
  rowOfViewer: Int32Array;
  signal: AbortSignal;
  say: (details: unknown) => void;
}

/** Fits a recipe on a train part from its seeds: a model that has not seen the test part. */
export async function fitScorer(trainer: Trainer, options: FitOptions): Promise<Fit> {
  return fit(trainer, options, options.ials.epochsCold, (workspace) =>
    startFilms(workspace, options.training.filmIds, options.ials),
  );
}

/**
 * Given film factors, and each viewer's exact half-step towards them from the train part's own histories. Films that the
 * factors do not know score 0.
 */
export async function foldIn(trainer: Trainer, options: FitOptions, given: FilmFactors): Promise<Fit> {
  const rowOf = new Map(given.filmIds.map((filmId, row) => [filmId, row]));
  return fit(trainer, options, 0, ({ films, stride }) => {
    options.training.filmIds.forEach((filmId, n) => {
      const row = rowOf.get(filmId);
      if (row === undefined) return;
      films.factors.set(given.factors.subarray(row * given.k, (row + 1) * given.k), n * stride);
    });
  });
}

async function fit(
  trainer: Trainer,
  { name, ials, training, rowOfFilm, rowOfViewer, signal, say }: FitOptions,
  epochs: number,
  start: (workspace: Workspace) => void,
): Promise<Fit> {
  const { k, alpha0, lambda, nu, solver, threads } = ials;
  const workspace = createWorkspace(training, { k, alpha0, lambda, nu });
  start(workspace);
  const losses = await trainer.train(workspace, {
    epochs,
    solver,
    threads,
    signal,
    onProgress: ({ epoch, rows, of }) =>
      say({ step: `${name}, epoch ${epoch} of ${epochs}`, done: (epoch - 1) * of + rows, of: epochs * of }),
  });
  const { stride, films } = workspace;
  return {
    kind: 'factors',
    name,
    stride,
    viewers: rowsOf(workspace, workspace.viewers, rowOfViewer),
    films: films.factors,
    rowOfFilm,
    factors: publishedFactors(workspace, films),
    k,
    losses,
  };
}
