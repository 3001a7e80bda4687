import { userInfo } from 'node:os';
import { join } from 'node:path';
import { readdir } from 'node:fs/promises';
import type { Command } from 'commander';
import { z } from 'zod';
import { readOnlyArtifacts } from '../adapters/artifacts/artifact-store.js';
import { decisionOn, recordDecision } from '../activities/decisions.js';
import { loadSettings } from '../config.js';
import { type Decision, GATES, type GateId, NEVER_WAIVED } from '../contracts/gate.js';
import type { ReleaseManifest } from '../contracts/release.js';
import {
  type Challenger,
  type Verdict,
  challengerSchema,
  reportSchema,
  verdictSchema,
} from '../contracts/report.js';
import { notWaivable } from '../core/gate/decision.js';
import { failedAnswers, isHeldBack } from '../core/gate/ops.js';
import { UsageError } from './errors.js';
import { printTable } from './lists-output.js';
import { openReleases } from './named-release.js';

const CHALLENGER =
  'with model: auto, the kind that was chosen and not promoted, in whose place the served one was judged';

/** `matinee releases verdict|accept|reject`: what was judged, and a person's word on it; from the warehouse alone. */
export function registerVerdicts(releases: Command): void {
  releases
    .command('verdict')
    .description('what the gates said about a run; without a run, the verdicts of all runs that are kept')
    .argument('[run]', 'run id')
    .option('--challenger', CHALLENGER)
    .option('--json', 'print JSON')
    .action(async (runId: string | undefined, { json, challenger }: { json?: true; challenger?: true }) => {
      const { warehouse } = loadSettings();
      if (runId === undefined) return printRuns(warehouse);
      const run = await judgedRun(warehouse, runId);
      const { verdict, warnings } = challenger ? challengerOf(run, runId) : run;
      if (json) process.stdout.write(`${JSON.stringify(verdict, null, 2)}\n`);
      else printVerdict(verdict, warnings);
    });
  for (const action of ['accept', 'reject'] as const) {
    releases
      .command(action)
      .description(
        action === 'accept'
          ? 'promote a candidate that was held or rejected, by your word; run its night again afterwards'
          : 'never promote this candidate, by your word',
      )
      .argument('<run>', 'run id, as `matinee releases verdict` prints it')
      .requiredOption('--reason <text>', 'why; recorded for good')
      .option('--by <name>', 'who says so (default: the system user)')
      .option('--challenger', CHALLENGER)
      .action((runId: string, options: Said) => decide(action, runId, options));
  }
}

interface Said {
  reason: string;
  by?: string;
  challenger?: true;
}

async function decide(
  action: Decision['action'],
  runId: string,
  { reason, by = userInfo().username, challenger }: Said,
): Promise<void> {
  if (reason.trim() === '') throw new UsageError('--reason is empty: say why, it is what others will read');
  const { warehouse } = loadSettings();
  const run = await judgedRun(warehouse, runId);
  const { verdict, night, modelSha256, held } = challenger ? challengerOf(run, runId) : run;
  if (action === 'accept') refuseToWaive(runId, verdict, held);
  const serving = held === null ? undefined : servingOf(held);
  const artifacts = readOnlyArtifacts(warehouse);
  const at = new Date().toISOString();
  const { decision, isNew } = await recordDecision(artifacts, {
    action,
    runId,
    night,
    modelSha256,
    by,
    reason,
    at,
    ...(serving === undefined ? {} : { serving }),
  });
  if (!isNew) {
    throw new UsageError(
      `this candidate was ${said(decision)} by ${decision.by} at ${decision.at} (${decision.reason}); that stays`,
    );
  }
  process.stdout.write(
    `${said({ action })}: the candidate of night ${night}, model ${modelSha256.slice(0, 12)}\n`,
  );
  if (action === 'accept') process.stdout.write(`next: matinee nightly --date ${night} --wait\n`);
}

const said = ({ action }: Pick<Decision, 'action'>) => (action === 'accept' ? 'accepted' : 'rejected');

/** How its answers came out, by its own verdict; those of earlier versions have it in G8 alone. */
function servingOf({ verdict }: ReleaseManifest): Decision['serving'] {
  const state = verdict?.serving ?? verdict?.gates?.find(({ gate }) => gate === 'G8')?.state;
  return state === 'PASS' ? undefined : state;
}

function refuseToWaive(runId: string, verdict: Verdict, held: ReleaseManifest | null): void {
  if (verdict.kind === 'promote')
    throw new UsageError(`run ${runId} was promoted: there is nothing to accept`);
  const failed = held?.serving == null ? 0 : failedAnswers(held.serving);
  if (failed > 0) {
    throw new UsageError(
      `run ${runId} cannot be accepted: ${failed} answers of its release failed (G8), which nobody may waive; mend the cause and run the night again`,
    );
  }
  const closed = notWaivable(verdict);
  if (closed.length === 0) return;
  const says = (gate: GateId) =>
    verdict.gates?.find((outcome) => outcome.gate === gate)?.sentence ?? verdict.reasons.join('; ');
  throw new UsageError(
    `run ${runId} cannot be accepted: ${closed.map((gate) => `${gate} (${GATES[gate]}) did not pass: ${says(gate)}`).join('; ')}. ` +
      `Nobody may waive ${NEVER_WAIVED.join(', ')}; mend the cause and run the night again`,
  );
}

/** Which model was judged, where there were two; absent in runs of earlier versions. */
const candidateSchema = z.object({ sha256: z.string() });

interface JudgedRun {
  verdict: Verdict;
  challenger: Challenger | null;
  /** Of the report: over- and under-fitting. */
  warnings: string[];
  night: string;
  modelSha256: string;
  /** Its release, when that was made and not served: evaluation could not know how it is answered (G8). */
  held: ReleaseManifest | null;
}

async function judgedRun(warehouse: string, runId: string): Promise<JudgedRun> {
  const artifacts = readOnlyArtifacts(warehouse);
  const [judged, model] = [
    await artifacts.read(`runs/${runId}/evaluate`),
    await artifacts.read(`runs/${runId}/train`),
  ];
  const night = /^\d{4}-\d{2}-\d{2}/.exec(runId)?.[0];
  if (judged === null || model === null || night === undefined) {
    throw new UsageError(`there is no judged run ${runId}; see: matinee releases verdict`);
  }
  const { verdict, report, candidate, challenger } = judged.facts;
  const { warnings = [] } = reportSchema.nullish().parse(report) ?? {};
  const modelSha256 = candidateSchema.safeParse(candidate).data?.sha256 ?? model.sha256;
  const held = await heldBack(night, modelSha256);
  return {
    verdict: held?.verdict ?? verdictSchema.parse(verdict),
    challenger: challengerSchema.nullable().parse(challenger ?? null),
    warnings,
    night,
    modelSha256,
    held,
  };
}

/** The same run as the challenger's. Its report was not kept, so there are no warnings. */
function challengerOf(run: JudgedRun, runId: string): JudgedRun {
  const { challenger } = run;
  if (challenger === null) {
    throw new UsageError(
      `run ${runId} has no challenger: no chosen kind gave way there to the one that is served`,
    );
  }
  const { verdict, modelSha256 } = challenger;
  return { ...run, verdict, modelSha256, warnings: [], held: null };
}

async function heldBack(night: string, modelSha256: string): Promise<ReleaseManifest | null> {
  const releases = await openReleases().list();
  const found = releases.find(
    (release) => release.night === night && release.model?.sha256 === modelSha256 && isHeldBack(release),
  );
  return found ?? null;
}

async function printRuns(warehouse: string): Promise<void> {
  const runs = await readdir(join(warehouse, 'runs')).catch(() => []);
  const rows: string[][] = [];
  for (const runId of runs.filter((name) => !name.includes('.tmp-')).sort()) {
    const run = await judgedRun(warehouse, runId).catch(() => null);
    if (run === null) continue;
    const decision = await decisionOn(readOnlyArtifacts(warehouse), run);
    const open = (run.verdict.gates ?? []).filter(({ state }) => state !== 'PASS');
    rows.push([
      runId,
      run.verdict.class ?? '',
      run.verdict.kind,
      open.map(({ gate, state }) => `${gate} ${state}`).join(', '),
      decision === null ? '' : `${said(decision)} by ${decision.by}`,
    ]);
  }
  if (rows.length === 0)
    throw new UsageError('no run has been judged yet; start one: matinee nightly --wait');
  printTable([['RUN', 'CLASS', 'VERDICT', 'NOT PASSED', 'A PERSON'], ...rows]);
}

function printVerdict(
  { kind, class: what, changed = [], choice, reasons, gates = [], decision }: Verdict,
  warnings: string[],
): void {
  process.stdout.write(`verdict  ${kind}${what === undefined ? '' : `, ${what}`}\n`);
  if (changed.length > 0) process.stdout.write(`changed  ${changed.join(', ')}\n`);
  if (choice !== undefined) process.stdout.write(`model    ${choice}\n`);
  for (const reason of reasons) process.stdout.write(`because  ${reason}\n`);
  for (const warning of warnings) process.stdout.write(`warning  ${warning}\n`);
  if (decision !== undefined) process.stdout.write(`decided  by ${decision.by} at ${decision.at}\n`);
  if (gates.length === 0) return;
  process.stdout.write('\n');
  printTable([
    ['GATE', 'STATE', 'ABOUT', 'EVIDENCE'],
    ...gates.map(({ gate, state, sentence }) => [gate, state, GATES[gate], sentence]),
  ]);
}
