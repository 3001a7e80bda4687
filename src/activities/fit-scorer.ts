import type { Config } from '../contracts/index.js';
import { epochStep } from '../core/als/epoch-step.js';
import { type FilmFactors, startFilms } from '../core/als/start.js';
import { priorFactors } from '../core/als/prior.js';
import { type Workspace, createWorkspace, publishedFactors, rowsOf } from '../core/als/workspace.js';
import { dot } from '../core/als/dense.js';
import type { FactorScorer, TasteScorer } from '../core/metrics/judgement.js';
import type { Trainer } from './deps.js';
import type { TrainingData } from './training-cells.js';

export interface Fit {
  scorer: TasteScorer;
  /** What was learnt of each film, as it would be published: films × width. */
  factors: Float32Array<ArrayBuffer>;
  width: number;
  /** Loss of each epoch. */
  losses: number[];
  /** Films that were not learnt and may be listed, and the scorer with them behind the others, by what their facts say. */
  fresh: { filmIds: string[]; scorer: TasteScorer };
  /** Scores of all films that were not learnt for a viewer, by their facts; null without a prior. */
  cold: ColdScores | null;
}
export type ColdScores = (viewer: number, out: Float64Array) => void;

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
  const { training, ials } = options;
  const content = training.content ?? undefined;
  const workspace = createWorkspace(training, ials, content);
  startFilms(workspace, training.filmIds, ials);
  return fit(trainer, options, ials.epochsCold, workspace);
}

/**
 * Given film factors, and each viewer's exact half-step towards them from the train part's own histories. Films that the
 * factors do not know score 0.
 */
export async function foldIn(trainer: Trainer, options: FitOptions, given: FilmFactors): Promise<Fit> {
  const rowOf = new Map(given.filmIds.map((filmId, row) => [filmId, row]));
  const workspace = createWorkspace(options.training, options.ials);
  const { films, stride } = workspace;
  options.training.filmIds.forEach((filmId, n) => {
    const row = rowOf.get(filmId);
    if (row === undefined) return;
    films.factors.set(given.factors.subarray(row * given.k, (row + 1) * given.k), n * stride);
  });
  return fit(trainer, options, 0, workspace);
}

async function fit(
  trainer: Trainer,
  { name, ials, training, rowOfFilm, rowOfViewer, signal, say }: FitOptions,
  epochs: number,
  workspace: Workspace,
): Promise<Fit> {
  const { k, solver, threads } = ials;
  const losses = await trainer.train(workspace, {
    epochs,
    solver,
    threads,
    signal,
    onProgress: (progress) => {
      const { step, ...work } = epochStep(progress, epochs);
      say({ step: `${name}, ${step}`, ...work });
    },
  });
  const { stride, films } = workspace;
  const scorer: FactorScorer = {
    kind: 'factors',
    name,
    stride,
    viewers: rowsOf(workspace, workspace.viewers, rowOfViewer),
    films: films.factors,
    rowOfFilm,
  };
  return {
    scorer,
    factors: publishedFactors(workspace, films),
    width: k,
    losses,
    ...coldFilms(workspace, training.content, scorer),
  };
}

function coldFilms(
  { prior, stride, hyper: { k } }: Workspace,
  content: TrainingData['content'],
  scorer: FactorScorer,
): Pick<Fit, 'fresh' | 'cold'> {
  if (prior === null || content === null) return { fresh: { filmIds: [], scorer }, cold: null };
  const { films, features } = content.cold;
  const factors = priorFactors(prior, features);
  const fresh = films.flatMap(({ isNew }, row) => (isNew ? [row] : []));
  const all = new Float32Array(new SharedArrayBuffer((scorer.films.length + fresh.length * stride) * 4));
  all.set(scorer.films);
  fresh.forEach((row, n) =>
    all.set(factors.subarray(row * k, (row + 1) * k), scorer.films.length + n * stride),
  );
  return {
    fresh: {
      filmIds: fresh.map((row) => films[row]!.filmId),
      scorer: fresh.length === 0 ? scorer : { ...scorer, films: all },
    },
    cold(viewer, out) {
      for (let film = 0; film < out.length; film++) {
        out[film] = dot(scorer.viewers, viewer * stride, factors, film * k, k);
      }
    },
  };
}
