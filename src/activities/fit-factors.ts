import { dot } from '../core/als/dense.js';
import { epochStep } from '../core/als/epoch-step.js';
import { priorFactors } from '../core/als/prior.js';
import { type FilmFactors, startFilms } from '../core/als/start.js';
import { type Workspace, createWorkspace, publishedFactors, rowsOf } from '../core/als/workspace.js';
import type { FactorScorer } from '../core/metrics/judgement.js';
import type { Learnt } from '../core/ranking/model-files.js';
import type { Trainer } from './deps.js';
import type { Fit, FitOptions } from './fit-scorer.js';
import type { TrainingData } from './training-cells.js';

type FactorOptions = Omit<FitOptions, 'kind'>;

export const factorsOf = ({ width, filmIds, numbers }: Learnt): FilmFactors => ({
  k: width,
  filmIds,
  factors: numbers,
});

export async function fitFactors(trainer: Trainer, options: FactorOptions): Promise<Fit> {
  const { training, config } = options;
  const workspace = createWorkspace(training, config.ials, training.content ?? undefined);
  startFilms(workspace, training.filmIds, config.ials);
  return fit(trainer, options, config.ials.epochsCold, workspace);
}

export async function foldFactors(trainer: Trainer, options: FactorOptions, given: Learnt): Promise<Fit> {
  const { filmIds, width, numbers } = given;
  const rowOf = new Map(filmIds.map((filmId, row) => [filmId, row]));
  const workspace = createWorkspace(options.training, options.config.ials);
  const { films, stride } = workspace;
  options.training.filmIds.forEach((filmId, n) => {
    const row = rowOf.get(filmId);
    if (row === undefined) return;
    films.factors.set(numbers.subarray(row * width, (row + 1) * width), n * stride);
  });
  return fit(trainer, options, 0, workspace);
}

async function fit(
  trainer: Trainer,
  { name, config, training, rowOfFilm, rowOfViewer, signal, say }: FactorOptions,
  epochs: number,
  workspace: Workspace,
): Promise<Fit> {
  const { k, solver, threads } = config.ials;
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
  const factors = publishedFactors(workspace, films);
  return {
    kind: 'als',
    scorer,
    films: training.filmIds.length,
    width: k,
    learnt: (film) => factors.subarray(film * k, (film + 1) * k),
    published: () => factors,
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
