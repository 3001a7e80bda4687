import type { SplitPlan } from '../core/split/plans.js';
import type { ActivityDeps } from './deps.js';
import { type JudgementData, loadJudgementData } from './judgement-data.js';
import {
  type SplitBuilders,
  type SplitInput,
  type SplitParts,
  atMostViewers,
  buildSplit,
} from './split-parts.js';

interface Splitting {
  source: SplitInput;
  /** Files of feat_viewer. */
  featViewers: string[];
  /** Takes the parts' Parquet files. */
  folder: string;
  signal: AbortSignal;
  say: (details: unknown) => void;
}

export interface MeasurableSplit {
  source: SplitInput;
  parts: SplitParts;
  data: JudgementData;
}

/**
 * The first of the plans with `evaluate.minViewers` viewers to measure, built and read; else a sentence that says how many
 * each had. `sourceOf`: behaviour that a plan splits, where it is not all of the source.
 */
export async function firstMeasurable(
  { config, warehouse, split }: Pick<ActivityDeps, 'config' | 'warehouse'> & { split: SplitBuilders },
  plans: readonly SplitPlan[],
  { source: whole, featViewers, folder, signal, say }: Splitting,
  sourceOf: (plan: SplitPlan) => Promise<SplitInput> = async () => whole,
): Promise<MeasurableSplit | string> {
  const { minViewers, minTrainPositives } = config.evaluate;
  const tried: string[] = [];
  for (const plan of plans) {
    const { cutoff } = plan;
    const source = await sourceOf(plan);
    if (cutoff !== null) {
      const atMost = await warehouse.session((session) => atMostViewers(session, cutoff, source), { signal });
      if (atMost < minViewers) {
        tried.push(`${plan.kind}: at most ${atMost}`);
        continue;
      }
    }
    const parts = await warehouse.session(
      (session) =>
        buildSplit(session, plan, source, split, folder, (step) => say({ split: plan.kind, step })),
      { signal },
    );
    const { films, events } = source;
    const data = await warehouse.session(
      (session) => loadJudgementData(session, parts, { films, viewers: featViewers, events, config }),
      { signal },
    );
    const viewers = data.rowOfViewer.length;
    if (viewers >= minViewers) return { source, parts, data };
    tried.push(`${plan.kind}: ${viewers}`);
  }
  return (
    `no split has ${minViewers} viewers (evaluate.minViewers) with ${minTrainPositives} earlier positives and a ` +
    `relevant film to find (${tried.join(', ')})`
  );
}
