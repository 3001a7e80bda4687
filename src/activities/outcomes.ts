import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Card, type Verdict, outcomeSchema, verdictSchema } from '../contracts/index.js';
import { isHeldBack } from '../core/gate/ops.js';
import type { ActivityDeps } from './deps.js';
import { replaceFile } from './durable-files.js';
import { readLineage } from './read-lineage.js';

const FOLDER = 'outcomes';

/** What became of a night's run, written once when it is over; a few hundred bytes that outlive the run. */
export async function recordOutcome(
  { artifacts, releases }: Pick<ActivityDeps, 'artifacts' | 'releases'>,
  runId: string,
): Promise<void> {
  const night = /^\d{4}-\d\d-\d\d/.exec(runId)?.[0];
  if (night === undefined) return; // the formula's
  const evaluation = await artifacts.read(`runs/${runId}/evaluate`);
  const verdict = verdictSchema.safeParse(evaluation?.facts['verdict']);
  let [released, kind]: [string | null, Verdict['kind'] | null] = [
    null,
    verdict.success ? verdict.data.kind : null,
  ];
  for (const release of await releases.list()) {
    if (release.kind !== 'personal' || release.night !== night) continue;
    if ((await readLineage(artifacts, release))?.runId !== runId) continue;
    const isBack = isHeldBack(release);
    if (!isBack || released === null) released = release.releaseId; // it may have given way to the formula's lists
    if (isBack) kind = release.verdict?.kind ?? null; // after evaluation, by how fast it is answered
  }
  const served = (await releases.history('default')).some(({ releaseId }) => releaseId === released);
  const outcome = outcomeSchema.parse({
    runId,
    night,
    verdict: kind,
    releaseId: released,
    served,
  });
  // Whole or not at all: every later card reads them all.
  await replaceFile(artifacts.path(join(FOLDER, `${runId}.json`)), `${JSON.stringify(outcome)}\n`);
}

/** How many runs there were, and how far they came. */
export async function runShares({ artifacts }: Pick<ActivityDeps, 'artifacts'>): Promise<Card['runs']> {
  const names = await readdir(artifacts.path(FOLDER)).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  });
  const shares = { finished: 0, judged: 0, promoted: 0, served: 0 };
  for (const name of names.filter((file) => file.endsWith('.json'))) {
    const text = await readFile(artifacts.path(join(FOLDER, name)), 'utf8');
    const { verdict, served } = outcomeSchema.parse(JSON.parse(text));
    shares.finished++;
    shares.judged += Number(verdict !== null);
    shares.promoted += Number(verdict === 'promote');
    shares.served += Number(served);
  }
  return shares;
}
