import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type ReleaseClass, type ReleaseManifest, type SplitKind, configSchema } from '../contracts/index.js';
import { ModelDiverged } from '../core/als/train.js';
import type { BlendScorer } from '../core/metrics/judgement.js';
import { TWIN_FOLDER, readModelFactors } from './champion.js';
import type { ActivityDeps } from './deps.js';
import { fitScorer, foldIn } from './fit-scorer.js';
import { blendScorer } from './judgement-blend.js';
import type { JudgementData } from './judgement-data.js';
import type { SplitBuilders, SplitInput, SplitParts } from './split-parts.js';
import { trainPartOf } from './train-part.js';

/** The champion's line on this split, or why there is none: a full sentence. */
export type Opponent = { scorer: BlendScorer; note: string } | { scorer: null; note: string };

interface OpponentInput {
  kind: ReleaseClass;
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
 * Whom the candidate is compared with, viewer by viewer.
 * Recipe change: the champion's recipe, by the config in its manifest, refitted on this very train part (by today's code:
 * the code of then is not kept). Refresh: that would be the candidate once more, so it is the refit under which the champion
 * was judged; it ended before this test part and cannot have seen it. What differs then is the data of the days between.
 */
export async function opponentOf(deps: OpponentDeps, input: OpponentInput): Promise<Opponent> {
  try {
    return input.kind === 'refresh' ? await earlierTwin(deps, input) : await refittedRecipe(deps, input);
  } catch (error) {
    if (!(error instanceof ModelDiverged)) throw error;
    return { scorer: null, note: `the champion's recipe diverged on this train part: ${error.message}` };
  }
}

async function earlierTwin(deps: OpponentDeps, input: OpponentInput): Promise<Opponent> {
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
  const factors = await readModelFactors(deps.artifacts, folder, released);
  const { ials } = deps.config;
  const { training, rowOfFilm, rowOfViewer } = data;
  const options = { name: 'champion', ials, training, rowOfFilm, rowOfViewer, signal, say };
  return {
    scorer: blendScorer(await foldIn(deps.trainer, options, factors), training, data.blend, deps.config),
    note: `the champion is the refit under which release ${champion.releaseId} was judged`,
  };
}

/** Its train part ended at or before this one's end, and by time. */
function isBlind({ report }: ReleaseManifest, kind: SplitKind, cutoff: string | null): boolean {
  return kind !== 'per-viewer-80-20' && cutoff !== null && report?.cutoff != null && report.cutoff <= cutoff;
}

async function refittedRecipe(deps: OpponentDeps, input: OpponentInput): Promise<Opponent> {
  const { champion, source, parts, data, folder, signal, say } = input;
  const parsed = configSchema.safeParse(champion.config);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return {
      scorer: null,
      note: `the champion's config is not one of this version (${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''})`,
    };
  }
  const config = parsed.data;
  const own = {
    ...config,
    warehouse: source.config.warehouse,
    ials: { ...config.ials, threads: deps.config.ials.threads },
  };
  const part = await trainPartOf(deps, own, { name: 'champion', source, parts, data, folder, signal, say });
  const fit = await fitScorer(deps.trainer, { name: 'champion', ials: own.ials, ...part, signal, say });
  return {
    scorer: blendScorer(fit, part.training, data.blend, own),
    note: `the champion is release ${champion.releaseId}'s config, refitted on this train part`,
  };
}
