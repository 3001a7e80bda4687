import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ActivityDeps } from '../../activities/deps.js';
import type { JudgementData } from '../../activities/judgement-data.js';
import { type MeasurableSplit, firstMeasurable } from '../../activities/measurable-split.js';
import type { SplitBuilders, SplitInput } from '../../activities/split-parts.js';
import { type TrainPart, trainPartOf } from '../../activities/train-part.js';
import { tuningSource } from '../../activities/tuning-source.js';
import type { Config } from '../../contracts/index.js';
import { sharedInt32 } from '../../core/als/cells.js';
import { type FilmLists, listOf, packLists } from '../../core/metrics/film-lists.js';
import { below, randomOf } from '../../core/random/random.js';
import { type TuningPlan, tuningPlans } from '../../core/split/plans.js';
import { UsageError } from '../errors.js';

export type TuneDeps = Pick<ActivityDeps, 'config' | 'warehouse' | 'trainer' | 'judge'> & {
  split: SplitBuilders;
};

/** What settings are measured on: a split that ends where the gate's test part begins. */
export interface TuningData extends MeasurableSplit {
  plan: TuningPlan;
  /** The drawn viewers. */
  judged: Pick<JudgementData, 'blend' | 'pids' | 'popularity'> & {
    lists: Pick<JudgementData['lists'], 'relevant' | 'seen' | 'classOf' | 'hidden'>;
  };
  /** The train part by a config's own half-lives, for the drawn viewers; read once under each name. */
  trainPart(config: Config, name: string): Promise<TrainPart>;
}

/** Builds the split in a folder of its own below `scratch`, lends it to `work`, and removes it. */
export async function withTuningData<T>(
  deps: TuneDeps,
  input: {
    source: SplitInput;
    featViewers: string[];
    scratch: string;
    signal: AbortSignal;
    say: (step: string) => void;
  },
  work: (data: TuningData) => Promise<T>,
): Promise<T> {
  const folder = join(input.scratch, `.tmp-split-${randomUUID()}`);
  await mkdir(folder, { recursive: true });
  const say = (details: unknown) => input.say(stepOf(details));
  try {
    const plans = tuningPlans(input.source.asOf);
    const found = await firstMeasurable(deps, plans, { ...input, folder, say }, (plan) =>
      tuningSource(
        deps,
        plans.find(({ kind }) => kind === plan.kind)!,
        input.source,
        folder,
        input.signal,
      ),
    );
    if (typeof found === 'string') throw new UsageError(`nothing to tune on: ${found}`);
    const plan = plans.find(({ kind }) => kind === found.parts.plan.kind)!;
    const { viewers, seed } = deps.config.tune;
    const judged = drawn(found.data, viewers, seed);
    const data = { ...found.data, pids: judged.pids };
    const read = new Map<string, Promise<TrainPart>>();
    return await work({
      ...found,
      plan,
      judged,
      trainPart(config, name) {
        const part =
          read.get(name) ??
          trainPartOf(deps, config, { ...found, data, name, folder, signal: input.signal, say });
        read.set(name, part);
        return part;
      },
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const stepOf = (details: unknown): string =>
  typeof details === 'object' && details !== null && 'step' in details ? String(details.step) : '';

/** All that judging needs of up to `most` viewers, seeded; in their order. */
function drawn(data: JudgementData, most: number, seed: number): TuningData['judged'] {
  const count = data.rowOfViewer.length;
  const random = randomOf('tune-viewers', seed);
  const chosen: number[] = [];
  for (let viewer = 0; viewer < count; viewer++) {
    if (below(random, count - viewer) < Math.min(most, count) - chosen.length) chosen.push(viewer);
  }
  const pick = (lists: FilmLists) => packLists(chosen.map((viewer) => listOf(lists, viewer)));
  const numbers = (of: Int32Array) => {
    const out = sharedInt32(chosen.length);
    chosen.forEach((viewer, n) => {
      out[n] = of[viewer]!;
    });
    return out;
  };
  const { relevant, seen, classOf, hidden } = data.lists;
  return {
    popularity: { ...data.popularity, groupOf: numbers(data.popularity.groupOf) },
    pids: chosen.map((viewer) => data.pids[viewer]!),
    blend: { ...data.blend, liked: chosen.map((viewer) => data.blend.liked[viewer]!) },
    lists: { relevant: pick(relevant), seen: pick(seen), classOf: numbers(classOf), hidden },
  };
}
