import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type ArtifactRef,
  type Choice,
  type EvaluateInput,
  type EvaluateResult,
  type ReleaseManifest,
  type Report,
  type TrainingRecord,
  artifactRefSchema,
  evaluateInputSchema,
  trainingRecordSchema,
  reportSchema,
  verdictSchema,
} from '../contracts/index.js';
import { ModelDiverged } from '../core/als/train.js';
import { applyDecision } from '../core/gate/decision.js';
import { type Evidence, decide } from '../core/gate/verdict.js';
import { splitPlans } from '../core/split/plans.js';
import { type Refit, conditionsOf } from './candidate-conditions.js';
import { type Served, kindOf, releaseBefore } from './champion.js';
import { chooseKind } from './choose-kind.js';
import { currentContext } from './context.js';
import { decisionOn } from './decisions.js';
import type { ActivityContext, ActivityDeps, ReleaseStore } from './deps.js';
import { type RunningEffort, startEffort } from './effort.js';
import type { JudgementData } from './judgement-data.js';
import { type Measured, measureSplit } from './measure-split.js';
import { opponentOf } from './opponent.js';
import { type Classified, type EffectOfCode, classify } from './release-class.js';
import { firstMeasurable } from './measurable-split.js';
import type { SplitBuilders, SplitInput, SplitParts } from './split-parts.js';
import { writeEvaluation } from './write-evaluation.js';

const SCHEMA = 'evaluation/2';
/** The K that decides. */
const GATE_K = 10;

export type EvaluateDeps = Pick<
  ActivityDeps,
  'config' | 'artifacts' | 'warehouse' | 'trainer' | 'judge' | 'codeSha256'
> & {
  releases: Served & Pick<ReleaseStore, 'readCard'>;
  /** The features stage's builders, and the train stage's second fit; given, so that no stage imports another. */
  split: SplitBuilders;
  refit: Refit;
  effectOfCode: EffectOfCode;
};

export function createEvaluateActivities(
  deps: EvaluateDeps,
  context: () => ActivityContext = currentContext,
) {
  return {
    /**
     * Refits the candidate's recipe on the train part of a split, ranks the full catalogue for every viewer with something
     * relevant in the test part, against popularity, the formula and the champion, asks the gates, and writes
     * `runs/<runId>/evaluate/`. A bad candidate is a verdict, never an error.
     */
    async evaluateCandidate(input: EvaluateInput): Promise<EvaluateResult> {
      const parsed = evaluateInputSchema.parse(input);
      const running = context();
      const uri = `runs/${parsed.night.runId}/evaluate`;
      const committed = await deps.artifacts.read(uri);
      if (committed !== null) return resultOf({ ...committed, uri }, committed.facts);
      running.heartbeat({ step: 'splitting' });
      const effort = startEffort(deps.config.ials.threads);
      try {
        return await evaluate(deps, parsed, uri, effort, running.signal, running.heartbeat);
      } finally {
        effort.stop();
      }
    },
  };
}

/** Evidence, then the verdict beside what the personal channel served before this night. */
async function evaluate(
  deps: EvaluateDeps,
  input: EvaluateInput,
  uri: string,
  effort: RunningEffort,
  signal: AbortSignal,
  say: (details: unknown) => void,
): Promise<EvaluateResult> {
  const { night, snapshot, features } = input;
  const { artifacts, config } = deps;
  const served = await releaseBefore(deps.releases, night.date);
  const champion = served?.model == null ? null : served;
  const candidates = await candidatesOf(artifacts, input);
  const { candidate, classified, choice, gathered } = await gather(
    deps,
    { input, candidates, champion, effort },
    uri,
    signal,
    say,
  );
  const evidence: Evidence = 'report' in gathered ? { kind: 'measured', report: gathered.report } : gathered;
  const { model } = candidate;
  const decision = await decisionOn(artifacts, { night: night.date, modelSha256: model.sha256 });
  const own = decide(evidence, classified.kind, champion?.report ?? null, { ...config.gate, k: GATE_K });
  const told = {
    ...own,
    ...(classified.changed === undefined ? {} : { changed: classified.changed }),
    ...(choice === null ? {} : { choice: choice.says }),
  };
  const facts = { report: reportOf(evidence), verdict: applyDecision(told, decision), candidate: model };
  const inputs = [
    snapshot.events,
    snapshot.films,
    snapshot.viewers,
    features.interactions,
    features.viewers,
    ...candidates.map((each) => each.model),
  ];
  const evaluation = await artifacts.write(uri, { schema: SCHEMA, inputs }, (folder) =>
    writeEvaluation(
      folder,
      { ...facts, effort: effort.soFar() },
      'report' in gathered ? gathered : null,
      { night, model },
      deps,
    ),
  );
  return resultOf(evaluation, facts);
}

/** A trained model, with what is on record of it. */
interface Trained {
  model: ArtifactRef;
  record: TrainingRecord;
}

async function candidatesOf(
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

/** The candidate of several that is judged. */
interface Judged {
  candidate: Trained;
  /** null = there was only one. */
  choice: Choice | null;
  classified: Classified;
}

type Gathered = (Measured & { data: JudgementData }) | Exclude<Evidence, { kind: 'measured' }>;

/**
 * Finds the first split with enough viewers, chooses among candidates before it, and measures the chosen one on it. Their
 * Parquet files live in a `.tmp-…` folder and go afterwards.
 */
async function gather(
  deps: EvaluateDeps,
  work: Case,
  uri: string,
  signal: AbortSignal,
  say: (details: unknown) => void,
): Promise<Judged & { gathered: Gathered }> {
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
    const wanted = choice?.chosen ?? incumbent;
    const candidate = candidates.find(({ record }) => record.kind === wanted) ?? candidates[0];
    const classified = await classify(deps, champion, candidate.record, signal, say);
    const judged = { candidate, choice, classified };
    if (typeof found === 'string') return { ...judged, gathered: { kind: 'missing', why: found } };
    return {
      ...judged,
      gathered: await measure(deps, { ...work, ...judged }, { ...found, folder }, signal, say),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function measure(
  deps: EvaluateDeps,
  { input, candidate, candidates, classified, choice, champion, effort }: Case & Judged,
  split: { parts: SplitParts; data: JudgementData; source: SplitInput; folder: string },
  signal: AbortSignal,
  say: (details: unknown) => void,
): Promise<Gathered> {
  const { night, features } = input;
  const { kind, codeEffect } = classified;
  const { model, record } = candidate;
  const { parts, data } = split;
  try {
    const measured = await measureSplit(deps, parts, {
      data,
      kind: record.kind,
      other: candidates.find((each) => each !== candidate)?.record.kind ?? null,
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
    if (input.left !== undefined) report.notes = [...(report.notes ?? []), `ALS alone: ${input.left}`];
    return { ...measured, data };
  } catch (error) {
    if (!(error instanceof ModelDiverged)) throw error;
    return { kind: 'diverged', how: `the refit on the train part diverged: ${error.message}` };
  }
}

/** A report with a NaN in it is none: JSON cannot hold it, and the verdict says so. */
function reportOf(evidence: Evidence): Report | null {
  return evidence.kind === 'measured' && reportSchema.safeParse(evidence.report).success
    ? evidence.report
    : null;
}

function resultOf(
  { uri, sha256: hash, rows, bytes, schema }: EvaluateResult['evaluation'],
  facts: { report?: unknown; verdict?: unknown; candidate?: unknown },
): EvaluateResult {
  const candidate = artifactRefSchema.safeParse(facts.candidate).data;
  return {
    evaluation: { uri, sha256: hash, rows, bytes, schema },
    ...(candidate === undefined ? {} : { model: candidate }),
    report: reportSchema.nullable().parse(facts.report),
    verdict: verdictSchema.parse(facts.verdict),
  };
}
