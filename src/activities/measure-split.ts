import type { Report } from '../contracts/index.js';
import { startFilms } from '../core/als/start.js';
import { ModelDiverged } from '../core/als/train.js';
import { createWorkspace, rowsOf } from '../core/als/workspace.js';
import type { Evidence } from '../core/gate/verdict.js';
import { METRICS_DEFINITION } from '../core/metrics/definitions.js';
import {
  type Judgement,
  type FactorScorer,
  createJudgement,
  meanOf,
  summarise,
  valuesOf,
} from '../core/metrics/judgement.js';
import type { ActivityDeps } from './deps.js';
import type { JudgementData } from './judgement-data.js';
import type { SplitParts } from './split-parts.js';

type MeasureDeps = Pick<ActivityDeps, 'config' | 'trainer' | 'judge'>;

/** The K of the paired differences, always measured. */
const DIFFERENCE_K = 10;
/** The candidate is the order that is served; its taste alone stands beside it. */
const MODELS = ['blend', 'als', 'popularity', 'weighted-rating'] as const;
const CANDIDATE = 0;

/** Refits the recipe on the train part from its seeds, and measures it against both baselines over the same viewers. */
export async function measureSplit(
  deps: MeasureDeps,
  { plan }: SplitParts,
  data: JudgementData,
  signal: AbortSignal,
  say: (details: unknown) => void,
): Promise<Evidence> {
  const { evaluate, ials } = deps.config;
  let als: FactorScorer;
  try {
    als = await refit(deps, data, signal, say);
  } catch (error) {
    if (!(error instanceof ModelDiverged)) throw error;
    return { kind: 'diverged', how: `the refit on the train part diverged: ${error.message}` };
  }
  const judgement = createJudgement({
    ...data.lists,
    films: data.catalogue,
    candidates: null,
    ks: [...new Set([...evaluate.k, DIFFERENCE_K])].sort((a, b) => a - b),
    scorers: [
      { ...als, kind: 'blend', name: 'blend', blend: data.blend, genreTaste: data.genreTaste },
      als,
      { kind: 'shared', name: 'popularity', scores: data.popularity },
      { kind: 'shared', name: 'weighted-rating', scores: data.formula },
    ],
  });
  await deps.judge.rank(judgement, {
    threads: ials.threads,
    signal,
    onProgress: (done, of) => say({ step: 'ranking', done, of }),
  });
  const report: Report = {
    definitionId: METRICS_DEFINITION,
    split: plan.kind,
    cutoff: plan.cutoff,
    viewers: data.rowOfViewer.length,
    trainPairs: data.training.byViewer.column.length,
    testPairs: data.testPairs,
    catalogue: data.catalogue,
    scores: MODELS.map((model, s) => ({ model, at: summarise(judgement, s, data.catalogue) })),
    differences: [
      await difference(deps, judgement, 'popularity', signal),
      await difference(deps, judgement, 'weighted-rating', signal),
    ],
    notes: data.notes,
  };
  return { kind: 'measured', report };
}

async function refit(
  { config, trainer }: MeasureDeps,
  { training, rowOfFilm, rowOfViewer }: JudgementData,
  signal: AbortSignal,
  say: (details: unknown) => void,
): Promise<FactorScorer> {
  const { k, alpha0, lambda, nu, epochsCold, solver, threads } = config.ials;
  const workspace = createWorkspace(training, { k, alpha0, lambda, nu });
  startFilms(workspace, training.filmIds, config.ials);
  await trainer.train(workspace, {
    epochs: epochsCold,
    solver,
    threads,
    signal,
    onProgress: ({ epoch, rows, of }) =>
      say({
        step: `refit, epoch ${epoch} of ${epochsCold}`,
        done: (epoch - 1) * of + rows,
        of: epochsCold * of,
      }),
  });
  return {
    kind: 'factors',
    name: 'als',
    stride: workspace.stride,
    viewers: rowsOf(workspace, workspace.viewers, rowOfViewer),
    films: workspace.films.factors,
    rowOfFilm,
  };
}

/** NDCG of the candidate minus that of a baseline, viewer by viewer. */
async function difference(
  { config, judge }: MeasureDeps,
  judgement: Judgement,
  baseline: 'popularity' | 'weighted-rating',
  signal: AbortSignal,
): Promise<Report['differences'][number]> {
  const at = judgement.ks.indexOf(DIFFERENCE_K);
  const ours = valuesOf(judgement, CANDIDATE, at, 'ndcg');
  const theirs = valuesOf(judgement, MODELS.indexOf(baseline), at, 'ndcg');
  const { bootstrap, seed } = config.evaluate;
  const interval = await judge.interval(
    ours.map((value, u) => value - theirs[u]!),
    { seed, resamples: bootstrap, threads: config.ials.threads, signal },
  );
  const base = meanOf(theirs);
  return { baseline, ...interval, relative: base === 0 ? 0 : interval.mean / base };
}
