import { mkdir } from 'node:fs/promises';
import { KIND_NAMES, MODEL_KINDS, type Choice, type ModelKind, type SplitKind } from '../contracts/index.js';
import { createJudgement, meanOf, valuesOf } from '../core/metrics/judgement.js';
import { describeSplit, tuningPlans } from '../core/split/plans.js';
import type { ActivityDeps } from './deps.js';
import { divergence } from './failures.js';
import { type Fit, fitScorer } from './fit-scorer.js';
import { blendScorer } from './judgement-blend.js';
import { firstMeasurable } from './measurable-split.js';
import type { SplitBuilders, SplitInput } from './split-parts.js';
import { tuningSource } from './tuning-source.js';

const K = 10;

export interface Choosing {
  source: SplitInput;
  /** Files of feat_viewer. */
  featViewers: string[];
  /** Of its own; made. */
  folder: string;
  /** How the candidate will be judged. */
  judgedBy: SplitKind;
  incumbent: ModelKind;
  signal: AbortSignal;
  say: (details: unknown) => void;
}

type ChooseDeps = Pick<ActivityDeps, 'config' | 'warehouse' | 'trainer' | 'judge'> & { split: SplitBuilders };

/**
 * Fits both kinds on the train part of a split that ends where the judged test part begins, and ranks its viewers by the order
 * that each would serve: nothing of what judges the candidate is looked at. The incumbent stays unless the other kind is ahead
 * with a one-sided 95 % bound above 0, so that kinds do not change places by chance from night to night.
 */
export async function chooseKind(deps: ChooseDeps, choosing: Choosing): Promise<Choice> {
  const { source, featViewers, folder, judgedBy, incumbent, signal, say } = choosing;
  const [plan] = tuningPlans(source.asOf).filter(({ kind }) => kind === judgedBy);
  if (plan === undefined) throw new Error(`there is no split before ${judgedBy}`);
  await mkdir(folder, { recursive: true });
  const found = await firstMeasurable(deps, [plan], { source, featViewers, folder, signal, say }, () =>
    tuningSource(deps, plan, source, folder, signal),
  );
  const stays = (why: string): Choice => ({
    chosen: incumbent,
    incumbent,
    evidence: null,
    says: `${KIND_NAMES[incumbent]} stays: before the judged part ${why}`,
  });
  if (typeof found === 'string') return stays(found);
  const { data } = found;
  const values = await ndcgOf(deps, found.data, choosing);
  if (typeof values === 'string') return stays(values);
  const other: ModelKind = incumbent === 'als' ? 'ease' : 'als';
  const { bootstrap, seed } = deps.config.evaluate;
  const lead = await deps.judge.interval(
    values[other].map((value, n) => value - values[incumbent][n]!),
    { seed, resamples: bootstrap, threads: deps.config.ials.threads, signal },
  );
  const chosen = lead.lower > 0 ? other : incumbent;
  const ndcg = { als: meanOf(values.als), ease: meanOf(values.ease) };
  const figures = MODEL_KINDS.map((kind) => `${KIND_NAMES[kind]} ${ndcg[kind].toFixed(4)}`).join(', ');
  return {
    chosen,
    incumbent,
    evidence: {
      split: plan.kind,
      cutoff: plan.cutoff,
      asOf: plan.asOf,
      viewers: data.rowOfViewer.length,
      ndcg,
      lead: { mean: lead.mean, lower: lead.lower, upper: lead.upper },
    },
    says:
      `${KIND_NAMES[chosen]} ${chosen === incumbent ? 'stays' : `in place of ${KIND_NAMES[incumbent]}`}: NDCG@${K} of ${figures} over ` +
      `${data.rowOfViewer.length} viewers of ${describeSplit(plan.kind)} before the judged part; ${KIND_NAMES[other]} ahead by ` +
      `${lead.mean.toFixed(4)}, at least ${lead.lower.toFixed(4)}`,
  };
}

/** NDCG@10 of every viewer, by the order that each kind would serve; or which kind cannot be fitted, and why. */
async function ndcgOf(
  { config, trainer, judge }: ChooseDeps,
  data: Exclude<Awaited<ReturnType<typeof firstMeasurable>>, string>['data'],
  { signal, say }: Choosing,
): Promise<Record<ModelKind, Float64Array> | string> {
  const { training, rowOfFilm, rowOfViewer } = data;
  const scorers = [];
  for (const kind of MODEL_KINDS) {
    const options = {
      name: `choosing: ${kind}`,
      kind,
      config,
      training,
      rowOfFilm,
      rowOfViewer,
      signal,
      say,
    };
    let fit: Fit;
    try {
      fit = await fitScorer(trainer, options);
    } catch (error) {
      const why = divergence(error);
      if (why === null) throw error;
      return `${KIND_NAMES[kind]} cannot be fitted: ${why}`;
    }
    scorers.push(blendScorer(fit, training, data.blend, config));
  }
  const judgement = createJudgement({
    ...data.lists,
    films: data.catalogue,
    candidates: null,
    ks: [K],
    scorers,
  });
  await judge.rank(judgement, { threads: config.ials.threads, signal });
  const [als, ease] = MODEL_KINDS.map((_, s) => valuesOf(judgement, s, 0, 'ndcg'));
  return { als: als!, ease: ease! };
}
