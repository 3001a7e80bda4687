import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type ArtifactRef,
  type Challenger,
  type Choice,
  type EvaluateInput,
  type ModelKind,
  type ReleaseManifest,
  type TrainingRecord,
  type Verdict,
  KIND_NAMES,
  trainingRecordSchema,
} from '../contracts/index.js';
import { ModelDiverged } from '../core/als/train.js';
import { applyDecision } from '../core/gate/decision.js';
import { type Evidence, decide } from '../core/gate/verdict.js';
import { splitPlans } from '../core/split/plans.js';
import { type Refit, conditionsOf } from './candidate-conditions.js';
import { type Served, kindOf } from './champion.js';
import { chooseKind } from './choose-kind.js';
import { decisionOn } from './decisions.js';
import type { ActivityDeps, ReleaseStore } from './deps.js';
import type { RunningEffort } from './effort.js';
import { divergence } from './failures.js';
import { type Fit, fitScorer } from './fit-scorer.js';
import type { JudgementData } from './judgement-data.js';
import { type Measured, measureSplit } from './measure-split.js';
import { opponentOf } from './opponent.js';
import { type Classified, type EffectOfCode, classify } from './release-class.js';
import { firstMeasurable } from './measurable-split.js';
import type { SplitBuilders, SplitInput, SplitParts } from './split-parts.js';

/** The K that decides. */
const GATE_K = 10;

export type JudgeDeps = Pick<
  ActivityDeps,
  'config' | 'artifacts' | 'warehouse' | 'trainer' | 'judge' | 'codeSha256'
> & {
  releases: Served & Pick<ReleaseStore, 'readCard'>;
  /** The features stage's builders, and the train stage's second fit; given, so that no stage imports another. */
  split: SplitBuilders;
  refit: Refit;
  effectOfCode: EffectOfCode;
};

/** A trained model, with what is on record of it. */
interface Trained {
  model: ArtifactRef;
  record: TrainingRecord;
}

export async function candidatesOf(
  artifacts: ActivityDeps['artifacts'],
  { model, other }: EvaluateInput,
): Promise<[Trained, ...Trained[]]> {
  const read = async (ref: ArtifactRef): Promise<Trained> => {
    const manifest = await artifacts.read(ref.uri);
    return { model: ref, record: trainingRecordSchema.parse(manifest?.facts['card']) };
  };
  return [await read(model), ...(other === undefined ? [] : [await read(other)])];
}

interface Case {
  input: EvaluateInput;
  candidates: [Trained, ...Trained[]];
  champion: ReleaseManifest | null;
  effort: RunningEffort;
}

type Gathered = (Measured & { data: JudgementData }) | Exclude<Evidence, { kind: 'measured' }>;

interface Judged {
  candidate: Trained;
  gathered: Gathered;
  verdict: Verdict;
  /** Judged before it, and not promoted; null = none was. */
  challenger: Challenger | null;
}

/** The split that judges, and fits of both kinds on its train part, each made once. */
interface Found {
  parts: SplitParts;
  data: JudgementData;
  source: SplitInput;
  folder: string;
  fit: (kind: ModelKind) => Promise<Fit>;
}

/**
 * Finds the first split with enough viewers, chooses among candidates before it, and judges the chosen one on it. A chosen
 * challenger that is not promoted gives way to the kind that is served: that one's refresh must not wait for it, night after
 * night. Parquet files of the splits live in a `.tmp-…` folder and go afterwards.
 */
export async function judgeCandidates(
  deps: JudgeDeps,
  work: Case,
  uri: string,
  signal: AbortSignal,
  say: (details: unknown) => void,
): Promise<Judged> {
  const { artifacts, config } = deps;
  const { candidates, champion } = work;
  const { night, snapshot, features } = work.input;
  const source: SplitInput = {
    asOf: night.asOf,
    events: await deps.split.snapshotFiles(artifacts, snapshot.events),
    films: await artifacts.files(snapshot.films),
    viewers: await artifacts.files(snapshot.viewers),
    config,
  };
  const featViewers = await artifacts.files(features.viewers);
  const folder = `${artifacts.path(uri)}.tmp-split-${randomUUID()}`;
  await mkdir(folder, { recursive: true });
  try {
    const plans = splitPlans(source.asOf);
    const found = await firstMeasurable(deps, plans, { source, featViewers, folder, signal, say });
    const incumbent = champion?.model == null ? 'als' : kindOf(champion.model);
    const choice =
      candidates.length === 1 || typeof found === 'string'
        ? null
        : await chooseKind(deps, {
            source,
            featViewers,
            folder: join(folder, 'choice'),
            judgedBy: found.parts.plan.kind,
            incumbent,
            signal,
            say,
          });
    const ofKind = (kind: ModelKind) =>
      candidates.find(({ record }) => record.kind === kind) ?? candidates[0];
    const split =
      typeof found === 'string' ? found : { ...found, folder, fit: fitsOn(deps, found.data, signal, say) };
    const judge = (candidate: Trained, challenger: Challenger | null) =>
      judgeOne(deps, { ...work, candidate, choice, challenger }, split, signal, say);

    const [chosen, stays] = [ofKind(choice?.chosen ?? incumbent), ofKind(incumbent)];
    const { verdict, ...judged } = await judge(chosen, null);
    if (verdict.kind === 'promote' || stays === chosen) return { ...judged, verdict };
    const { kind } = chosen.record;
    const says =
      `${KIND_NAMES[kind]} was judged and not promoted (${verdict.kind}: ${verdict.reasons.join('; ')}), ` +
      `so ${KIND_NAMES[incumbent]} is judged in its place`;
    return await judge(stays, { kind, modelSha256: chosen.model.sha256, verdict, says });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function fitsOn(
  { trainer, config }: JudgeDeps,
  { training, rowOfFilm, rowOfViewer }: JudgementData,
  signal: AbortSignal,
  say: (details: unknown) => void,
): Found['fit'] {
  const fits = new Map<ModelKind, Promise<Fit>>();
  return (kind) => {
    const options = { name: kind, kind, config, training, rowOfFilm, rowOfViewer, signal, say };
    const fit = fits.get(kind) ?? fitScorer(trainer, options);
    fits.set(kind, fit);
    return fit;
  };
}

interface One extends Case {
  candidate: Trained;
  /** null = there was only one. */
  choice: Choice | null;
  challenger: Challenger | null;
}

async function judgeOne(
  deps: JudgeDeps,
  one: One,
  split: Found | string,
  signal: AbortSignal,
  say: (details: unknown) => void,
): Promise<Judged> {
  const { candidate, champion, choice, challenger, input } = one;
  const classified = await classify(deps, champion, candidate.record, signal, say);
  const gathered: Gathered =
    typeof split === 'string'
      ? { kind: 'missing', why: split }
      : await measure(deps, { ...one, classified }, split, signal, say);
  const evidence: Evidence = 'report' in gathered ? { kind: 'measured', report: gathered.report } : gathered;
  const own = decide(evidence, classified.kind, champion?.report ?? null, {
    ...deps.config.gate,
    k: GATE_K,
  });
  const chosen = [choice?.says, challenger?.says].filter((said) => said !== undefined);
  const told = {
    ...own,
    ...(classified.changed === undefined ? {} : { changed: classified.changed }),
    ...(chosen.length === 0 ? {} : { choice: chosen.join('; ') }),
  };
  const decided = { night: input.night.date, modelSha256: candidate.model.sha256 };
  const verdict = applyDecision(told, await decisionOn(deps.artifacts, decided));
  return { candidate, gathered, verdict, challenger };
}

async function measure(
  deps: JudgeDeps,
  {
    input,
    candidate,
    candidates,
    classified,
    choice,
    challenger,
    champion,
    effort,
  }: One & {
    classified: Classified;
  },
  { fit, ...split }: Found,
  signal: AbortSignal,
  say: (details: unknown) => void,
): Promise<Gathered> {
  const { night, features, left } = input;
  const { kind, codeEffect } = classified;
  const { model, record } = candidate;
  const { parts, data } = split;
  try {
    const measured = await measureSplit(deps, parts, {
      data,
      kind: record.kind,
      other: candidates.find((each) => each !== candidate)?.record.kind ?? null,
      fit,
      opponent: async () =>
        champion === null ? null : opponentOf(deps, { kind, codeEffect, champion, ...split, signal, say }),
      conditions: (twin, seen) =>
        conditionsOf(
          deps,
          { night, features, model, champion, judging: effort },
          data,
          twin,
          seen,
          signal,
          say,
        ),
      signal,
      say,
    });
    const { report } = measured;
    if (codeEffect !== null) report.codeEffect = codeEffect;
    if (choice !== null) report.choice = choice;
    const notes = [
      ...(left === undefined ? [] : [`${KIND_NAMES[record.kind]} alone: ${left}`]),
      ...(challenger === null ? [] : [challenger.says]),
    ];
    if (notes.length > 0) report.notes = [...(report.notes ?? []), ...notes];
    return { ...measured, data };
  } catch (error) {
    const how = divergence(error);
    if (how === null) throw error;
    const what =
      error instanceof ModelDiverged ? 'the refit on the train part' : 'the second fit on all data';
    return { kind: 'diverged', how: `${what} diverged: ${how}` };
  }
}
