import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  type ArtifactRef,
  type Effort,
  type EvaluateInput,
  type EvaluateResult,
  type ReleaseManifest,
  type ModelKind,
  type Report,
  type TrainingRecord,
  type Verdict,
  evaluateInputSchema,
  trainingRecordSchema,
  reportSchema,
  verdictSchema,
} from '../contracts/index.js';
import { ModelDiverged } from '../core/als/train.js';
import { type AnalysisInput, analyse } from '../core/analysis/analysis.js';
import { analysisPage } from '../core/analysis/page.js';
import { applyDecision } from '../core/gate/decision.js';
import { type Evidence, decide } from '../core/gate/verdict.js';
import { learntFile } from '../core/ranking/model-files.js';
import { vectorsOf } from '../core/metrics/list-judgement.js';
import { splitPlans } from '../core/split/plans.js';
import { type Refit, conditionsOf } from './candidate-conditions.js';
import { type Served, TWIN_FOLDER, releaseBefore } from './champion.js';
import { currentContext } from './context.js';
import { decisionOn } from './decisions.js';
import type { ActivityContext, ActivityDeps, Produced, ReleaseStore } from './deps.js';
import { type RunningEffort, startEffort } from './effort.js';
import { sha256 } from '../core/identity/hash.js';
import type { JudgementData } from './judgement-data.js';
import { type Measured, measureSplit } from './measure-split.js';
import { opponentOf } from './opponent.js';
import { type Classified, type EffectOfCode, classify } from './release-class.js';
import { pause } from './pause.js';
import { firstMeasurable } from './measurable-split.js';
import type { SplitBuilders, SplitInput, SplitParts } from './split-parts.js';

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
  const { night, snapshot, features, model } = input;
  const { artifacts, config } = deps;
  const served = await releaseBefore(deps.releases, night.date);
  const champion = served?.model == null ? null : served;
  const record = await recordOfModel(artifacts, model);
  const classified = await classify(deps, champion, record, signal, say);
  const { kind, changed } = classified;
  const measured = await gather(
    deps,
    { input, trained: record.kind, ...classified, champion, effort },
    uri,
    signal,
    say,
  );
  const evidence: Evidence = 'report' in measured ? { kind: 'measured', report: measured.report } : measured;
  const decision = await decisionOn(artifacts, { night: night.date, modelSha256: model.sha256 });
  const own = decide(evidence, kind, champion?.report ?? null, { ...config.gate, k: GATE_K });
  const told = changed === undefined ? own : { ...own, changed };
  const facts = { report: reportOf(evidence), verdict: applyDecision(told, decision) };
  const inputs = [
    snapshot.events,
    snapshot.films,
    snapshot.viewers,
    features.interactions,
    features.viewers,
    model,
  ];
  const evaluation = await artifacts.write(uri, { schema: SCHEMA, inputs }, (folder) =>
    writeEvaluation(
      folder,
      { ...facts, effort: effort.soFar() },
      'report' in measured ? measured : null,
      input,
      deps,
    ),
  );
  return resultOf(evaluation, facts);
}

async function recordOfModel(
  artifacts: ActivityDeps['artifacts'],
  model: ArtifactRef,
): Promise<TrainingRecord> {
  const manifest = await artifacts.read(model.uri);
  return trainingRecordSchema.parse(manifest?.facts['card']);
}

interface Case extends Classified {
  input: EvaluateInput;
  trained: ModelKind;
  champion: ReleaseManifest | null;
  effort: RunningEffort;
}

type Gathered = (Measured & { data: JudgementData }) | Exclude<Evidence, { kind: 'measured' }>;

/** Measures on the first split with enough viewers. Its Parquet files live in a `.tmp-…` folder and go afterwards. */
async function gather(
  deps: EvaluateDeps,
  work: Case,
  uri: string,
  signal: AbortSignal,
  say: (details: unknown) => void,
): Promise<Gathered> {
  const { artifacts, config } = deps;
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
    if (typeof found === 'string') return { kind: 'missing', why: found };
    return await measure(deps, work, { ...found, folder }, signal, say);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function measure(
  deps: EvaluateDeps,
  { input, trained, kind, codeEffect, champion, effort }: Case,
  split: { parts: SplitParts; data: JudgementData; source: SplitInput; folder: string },
  signal: AbortSignal,
  say: (details: unknown) => void,
): Promise<Gathered> {
  const { night, features, model } = input;
  const { parts, data } = split;
  try {
    const measured = await measureSplit(deps, parts, {
      data,
      kind: trained,
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
    if (codeEffect !== null) measured.report.codeEffect = codeEffect;
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

/** What an error analysis looks into; viewers are named by a hash of this run alone. */
function analysisInput(
  measured: Measured & { data: JudgementData },
  runId: string,
  showFloor: number,
): AnalysisInput {
  const { judgement, data, slices, twin, report } = measured;
  const place = (model: Report['scores'][number]['model']) =>
    report.scores.findIndex((score) => score.model === model);
  const champion = place('champion');
  const factors = vectorsOf(twin.scorer);
  return {
    judgement,
    candidate: place('blend'),
    champion: champion < 0 ? null : champion,
    facts: { ...data.facts, factors, recent: data.recent, dropped: data.dropped },
    viewers: data.viewers,
    slices,
    showFloor,
    titles: data.titles,
    genreNames: data.genreNames,
    nameOf: (viewer) => sha256(`${runId} ${data.pids[viewer]}`).slice(0, 12),
  };
}

/** Report and verdict; slices and error analysis; and the refit, for later nights to be compared with. */
async function writeEvaluation(
  folder: string,
  facts: { report: Report | null; verdict: Verdict; effort: Effort },
  measured: (Measured & { data: JudgementData }) | null,
  { night, model }: EvaluateInput,
  { artifacts, config }: EvaluateDeps,
): Promise<Produced> {
  const files: Produced['files'] = [];
  const keep = async (path: string, bytes: string | Uint8Array, rows = 1) => {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), bytes);
    files.push({ path, rows, bytes: Buffer.byteLength(bytes), sha256: sha256(bytes) });
  };
  const text = (value: unknown) => JSON.stringify(value, null, 2);
  if (facts.report !== null) await keep('report.json', text(facts.report));
  await keep('verdict.json', text(facts.verdict));
  if (facts.report === null || measured === null) return { files, facts };
  await keep('slices.json', text(measured.slices), measured.slices.length);
  const analysis = await analyse(analysisInput(measured, night.runId, config.gate.sliceShowFloor), pause);
  await keep('analysis.json', text(analysis));
  await keep('analysis.html', analysisPage(night.date, facts.report, facts.verdict, analysis));
  const { filmIds } = measured.data.training;
  const factors = new Uint8Array(measured.twin.factors.buffer);
  await keep(`${TWIN_FOLDER}/${learntFile(measured.twin.kind)}`, factors, filmIds.length);
  await keep(`${TWIN_FOLDER}/films.json`, JSON.stringify(filmIds), filmIds.length);
  await keep(`${TWIN_FOLDER}/model.json`, await readFile(artifacts.path(`${model.uri}/model.json`)));
  return { files, facts };
}

function resultOf(
  { uri, sha256: hash, rows, bytes, schema }: EvaluateResult['evaluation'],
  facts: { report?: unknown; verdict?: unknown },
): EvaluateResult {
  return {
    evaluation: { uri, sha256: hash, rows, bytes, schema },
    report: reportSchema.nullable().parse(facts.report),
    verdict: verdictSchema.parse(facts.verdict),
  };
}
