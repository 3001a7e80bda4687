import { createHash, randomUUID } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type EvaluateInput,
  type EvaluateResult,
  type Report,
  type Verdict,
  evaluateInputSchema,
  reportSchema,
  verdictSchema,
} from '../contracts/index.js';
import { type Evidence, decide } from '../core/gate/verdict.js';
import { splitPlans } from '../core/split/plans.js';
import { type Served, releaseBefore } from './champion.js';
import { currentContext } from './context.js';
import type { ActivityContext, ActivityDeps, Produced } from './deps.js';
import { failingOnFullDisk } from './failures.js';
import { whileSaying } from './heartbeat.js';
import { type JudgementData, loadJudgementData } from './judgement-data.js';
import { measureSplit } from './measure-split.js';
import { type SplitBuilders, type SplitInput, type SplitParts, buildSplit } from './split-parts.js';

const SCHEMA = 'evaluation/1';
/** The K that decides. */
const GATE_K = 10;

export type EvaluateDeps = Pick<ActivityDeps, 'config' | 'artifacts' | 'warehouse' | 'trainer' | 'judge'> & {
  releases: Served;
  /** The features stage's builders; given, so that no stage imports another. */
  split: SplitBuilders;
};

export function createEvaluateActivities(
  deps: EvaluateDeps,
  context: () => ActivityContext = currentContext,
) {
  return {
    /**
     * Refits the candidate's recipe on the train part of a split, ranks the full catalogue for every viewer with something
     * relevant in the test part, against popularity and the formula, and writes `runs/<runId>/evaluate/`. A bad candidate
     * is a verdict, never an error.
     */
    async evaluateCandidate(input: EvaluateInput): Promise<EvaluateResult> {
      const parsed = evaluateInputSchema.parse(input);
      const running = context();
      const uri = `runs/${parsed.night.runId}/evaluate`;
      const committed = await deps.artifacts.read(uri);
      if (committed !== null) return resultOf({ ...committed, uri }, committed.facts);
      return whileSaying(running, { step: 'splitting' }, (say) =>
        failingOnFullDisk(deps.artifacts.root, () => evaluate(deps, parsed, uri, running.signal, say)),
      );
    },
  };
}

/** Evidence, then the verdict beside what the personal channel served before this night. */
async function evaluate(
  deps: EvaluateDeps,
  { night, snapshot, features, model }: EvaluateInput,
  uri: string,
  signal: AbortSignal,
  say: (details: unknown) => void,
): Promise<EvaluateResult> {
  const { artifacts, config } = deps;
  const source: SplitInput = {
    asOf: night.asOf,
    events: await deps.split.snapshotFiles(artifacts, snapshot.events),
    films: await artifacts.files(snapshot.films),
    viewers: await artifacts.files(snapshot.viewers),
    config,
  };
  const featViewers = await artifacts.files(features.viewers);
  const evidence = await gather(deps, source, featViewers, uri, signal, say);
  const served = await releaseBefore(deps.releases, night.date);
  const champion = served?.model == null ? null : { report: served.report };
  const facts = {
    report: reportOf(evidence),
    verdict: decide(evidence, champion, { k: GATE_K, maxLiftLoss: config.evaluate.maxLiftLoss }),
  };
  const inputs = [snapshot.events, snapshot.films, snapshot.viewers, features.viewers, model];
  const evaluation = await artifacts.write(uri, { schema: SCHEMA, inputs }, (folder) =>
    writeEvaluation(folder, facts),
  );
  return resultOf(evaluation, facts);
}

/** Measures on the first split with enough viewers. Its Parquet files live in a `.tmp-…` folder and go afterwards. */
async function gather(
  deps: EvaluateDeps,
  source: SplitInput,
  featViewers: string[],
  uri: string,
  signal: AbortSignal,
  say: (details: unknown) => void,
): Promise<Evidence> {
  const folder = `${deps.artifacts.path(uri)}.tmp-split-${randomUUID()}`;
  await mkdir(folder, { recursive: true });
  const { minViewers } = deps.config.evaluate;
  const tried: string[] = [];
  try {
    for (const plan of splitPlans(source.asOf)) {
      const parts = await deps.warehouse.session(
        (session) =>
          buildSplit(session, plan, source, deps.split, folder, (step) => say({ split: plan.kind, step })),
        { signal },
      );
      const data = await load(deps, parts, source, featViewers, signal);
      const viewers = data.rowOfViewer.length;
      if (viewers >= minViewers) return await measureSplit(deps, parts, data, signal, say);
      tried.push(`${plan.kind}: ${viewers}`);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  const { minTrainPositives } = deps.config.evaluate;
  return {
    kind: 'missing',
    why:
      `no split has ${minViewers} viewers (evaluate.minViewers) with ${minTrainPositives} earlier positives and a ` +
      `relevant film to find (${tried.join(', ')})`,
  };
}

async function load(
  { warehouse, config }: EvaluateDeps,
  parts: SplitParts,
  { films }: SplitInput,
  viewers: string[],
  signal: AbortSignal,
): Promise<JudgementData> {
  return warehouse.session((session) => loadJudgementData(session, parts, { films, viewers, config }), {
    signal,
  });
}

/** A report with a NaN in it is none: JSON cannot hold it, and the verdict says so. */
function reportOf(evidence: Evidence): Report | null {
  return evidence.kind === 'measured' && reportSchema.safeParse(evidence.report).success
    ? evidence.report
    : null;
}

async function writeEvaluation(
  folder: string,
  facts: { report: Report | null; verdict: Verdict },
): Promise<Produced> {
  const files: Produced['files'] = [];
  for (const [name, value] of Object.entries(facts)) {
    if (value === null) continue;
    const text = JSON.stringify(value, null, 2);
    await writeFile(join(folder, `${name}.json`), text);
    const sha256 = createHash('sha256').update(text).digest('hex');
    files.push({ path: `${name}.json`, rows: 1, bytes: Buffer.byteLength(text), sha256 });
  }
  return { files, facts };
}

function resultOf(
  { uri, sha256, rows, bytes, schema }: EvaluateResult['evaluation'],
  facts: { report?: unknown; verdict?: unknown },
): EvaluateResult {
  return {
    evaluation: { uri, sha256, rows, bytes, schema },
    report: reportSchema.nullable().parse(facts.report),
    verdict: verdictSchema.parse(facts.verdict),
  };
}
