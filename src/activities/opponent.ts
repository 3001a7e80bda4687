import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  type CodeEffect,
  type Config,
  type ReleaseClass,
  type ReleaseManifest,
  type SplitKind,
  configSchema,
} from '../contracts/index.js';
import { ModelDiverged } from '../core/als/train.js';
import { DAY_MS } from '../core/feedback/index.js';
import type { BlendScorer } from '../core/metrics/judgement.js';
import { TWIN_FOLDER, kindOf } from './champion.js';
import type { ActivityDeps } from './deps.js';
import { fitScorer, foldIn } from './fit-scorer.js';
import { blendScorer } from './judgement-blend.js';
import type { JudgementData } from './judgement-data.js';
import { readLearnt } from './model-files.js';
import type { SplitBuilders, SplitInput, SplitParts } from './split-parts.js';
import { type TrainPart, trainPartOf } from './train-part.js';

/** The champion's line on this split, or why there is none: a full sentence. */
export type Opponent = { scorer: BlendScorer; note: string } | { scorer: null; note: string };

interface OpponentInput {
  kind: ReleaseClass;
  /** null = by the very code. */
  codeEffect: CodeEffect | null;
  champion: ReleaseManifest;
  source: SplitInput;
  parts: SplitParts;
  data: JudgementData;
  folder: string;
  signal: AbortSignal;
  say: (details: unknown) => void;
}

type OpponentDeps = Pick<ActivityDeps, 'config' | 'artifacts' | 'warehouse' | 'trainer'> & {
  split: SplitBuilders;
};

/**
 * Whom the candidate is compared with, viewer by viewer. Always two models that end before the test part:
 * - Refresh: refitting the champion's recipe would give the candidate once more, so it is the refit under which the champion
 *   was judged, folded in on tonight's histories. What differs then is the data of the days between.
 * - Config changed: the champion's, by its manifest, refitted on this very train part.
 * - Code changed with effect on the model: the code of then is not kept, but what it made is. The champion is that same
 *   kept refit, under its own config; an old one would let newer data hide a fault of the code, so only a recent one counts.
 * - Code changed so that only the order of lists did, or nobody can tell: nothing to compare with.
 */
export async function opponentOf(deps: OpponentDeps, input: OpponentInput): Promise<Opponent> {
  const { kind, codeEffect } = input;
  try {
    if (kind === 'refresh') return await keptTwin(deps, input, deps.config, input.data);
    if (codeEffect === null || codeEffect.kind === 'none') return await refittedRecipe(deps, input);
    if (codeEffect.kind !== 'model') return { scorer: null, note: codeEffect.says };
    return await twinOfThen(deps, input, codeEffect.says);
  } catch (error) {
    if (!(error instanceof ModelDiverged)) throw error;
    return {
      scorer: null,
      note: `the champion's recipe cannot be fitted on this train part: ${error.message}`,
    };
  }
}

/** `part`: the train part as `config` sees it. */
async function keptTwin(
  deps: OpponentDeps,
  input: OpponentInput,
  config: Config,
  { training, rowOfFilm, rowOfViewer }: TrainPart,
): Promise<Opponent> {
  const { champion, parts, data, signal, say } = input;
  const folder = `releases/${champion.releaseId}/${TWIN_FOLDER}`;
  if (!existsSync(deps.artifacts.path(join(folder, 'model.json')))) {
    return { scorer: null, note: `release ${champion.releaseId} keeps no refit to compare with` };
  }
  if (!isBlind(champion, parts.plan.kind, parts.plan.cutoff)) {
    return { scorer: null, note: `the refit of release ${champion.releaseId} may have seen this test part` };
  }
  const released = new Map(
    champion.files.map((file) => [`releases/${champion.releaseId}/${file.path}`, file.sha256]),
  );
  const learnt = await readLearnt(deps.artifacts, folder, released);
  const options = { name: 'champion', config, training, rowOfFilm, rowOfViewer, signal, say };
  return {
    scorer: blendScorer(await foldIn(deps.trainer, options, learnt), training, data.blend, config),
    note: `the champion is the refit under which release ${champion.releaseId} was judged`,
  };
}

async function twinOfThen(deps: OpponentDeps, input: OpponentInput, says: string): Promise<Opponent> {
  const { champion, parts } = input;
  const config = configOfThen(deps, input);
  if (typeof config === 'string') return { scorer: null, note: config };
  const days = (Date.parse(parts.plan.cutoff ?? '') - Date.parse(champion.report?.cutoff ?? '')) / DAY_MS;
  const { maxTwinDays } = deps.config.gate;
  if (days > maxTwinDays) {
    return {
      scorer: null,
      note:
        `${says}; its refit by the code of then ends ${Math.round(days)} days before this train part, ` +
        `at most ${maxTwinDays} wanted: newer data would hide what the code does`,
    };
  }
  const part = await trainPartOf(deps, config, { ...input, name: 'champion' });
  const twin = await keptTwin(deps, input, config, part);
  return { ...twin, note: `${says}; ${twin.note}` };
}

/** Its train part ended at or before this one's end, and by time. */
function isBlind({ report }: ReleaseManifest, kind: SplitKind, cutoff: string | null): boolean {
  return kind !== 'per-viewer-80-20' && cutoff !== null && report?.cutoff != null && report.cutoff <= cutoff;
}

async function refittedRecipe(deps: OpponentDeps, input: OpponentInput): Promise<Opponent> {
  const { champion, data, signal, say } = input;
  const config = configOfThen(deps, input);
  if (typeof config === 'string') return { scorer: null, note: config };
  const part = await trainPartOf(deps, config, { ...input, name: 'champion' });
  const kind = champion.model === null ? 'als' : kindOf(champion.model);
  const fit = await fitScorer(deps.trainer, { name: 'champion', kind, config, ...part, signal, say });
  return {
    scorer: blendScorer(fit, part.training, data.blend, config),
    note: `the champion is release ${champion.releaseId}'s config, refitted on this train part`,
  };
}

/** The champion's config on today's threads and memory; or why it cannot be used. */
function configOfThen(
  { config }: OpponentDeps,
  { champion, source }: Pick<OpponentInput, 'champion' | 'source'>,
): Config | string {
  const parsed = configSchema.safeParse(champion.config);
  if (parsed.success) {
    const ials = { ...parsed.data.ials, threads: config.ials.threads };
    return { ...parsed.data, warehouse: source.config.warehouse, ials };
  }
  const issue = parsed.error.issues[0];
  return `the champion's config is not one of this version (${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''})`;
}
