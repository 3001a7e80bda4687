import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { decisionOn } from '../../src/activities/decisions.js';
import { createArtifactStore } from '../../src/adapters/artifacts/artifact-store.js';
import { registerReleases } from '../../src/cli/releases.js';
import { createReleaseStore } from '../../src/adapters/releases/release-store.js';
import type { Challenger, Verdict } from '../../src/contracts/report.js';
import { withServing } from '../../src/core/gate/ops.js';
import { decide } from '../../src/core/gate/verdict.js';
import { releaseOf } from '../activities/model-world.js';
import { type Shape, RULES, reportOf } from '../core/gate-reports.js';
import { run } from './program.js';

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'matinee-verdicts-'));
});
afterEach(() => rm(home, { recursive: true, force: true }));

const store = () =>
  createArtifactStore(
    join(home, 'warehouse'),
    { codeSha256: '', configSha256: '' },
    { now: () => new Date(0) },
  );

/** A run as train and evaluate leave it; the model's hash is that of its one file. */
async function judged(runId: string, verdict: Verdict, challenger?: Challenger): Promise<void> {
  const file = { path: 'model.json', sha256: runId, rows: 1, bytes: 1 };
  const meta = { schema: 'test', inputs: [] };
  await store().write(`runs/${runId}/train`, meta, async () => ({ files: [file] }));
  await store().write(`runs/${runId}/evaluate`, meta, async () => ({
    files: [file],
    facts: { verdict, ...(challenger && { challenger }) },
  }));
}
const verdictOf = (shape: Shape) =>
  decide({ kind: 'measured', report: reportOf(shape) }, 'recipe-change', reportOf(), RULES);
const releases = (...args: string[]) => run(registerReleases, home, 'releases', ...args);
const HELD = { lists: { ild: null } };

it('verdict lists what was judged and prints every gate with its evidence', async () => {
  expect((await releases('verdict')).err).toBe(
    'no run has been judged yet; start one: matinee nightly --wait\n',
  );
  await judged('2026-01-31-a', verdictOf(HELD));
  const list = (await releases('verdict')).out.trimEnd().split('\n');
  expect(list[1]).toMatch(/2026-01-31-a +recipe-change +hold +G6 INCONCLUSIVE/);
  const { out } = await releases('verdict', '2026-01-31-a');
  expect(out).toMatch(/^verdict {2}hold, recipe-change$/m);
  for (let gate = 1; gate <= 10; gate++)
    expect(out).toMatch(new RegExp(`^ *G${gate} +(PASS|INCONCLUSIVE) `, 'm'));
});

it('a release that was too slow to be served can be accepted, although evaluation promoted it', async () => {
  await judged('2026-01-31-a', verdictOf({}));
  const accept = () => releases('accept', '2026-01-31-a', '--reason', 'a slow disk', '--by', 'anna');
  expect((await accept()).err).toBe('run 2026-01-31-a was promoted: there is nothing to accept\n');
  const modelSha256 = await heldBy({ p95Ms: 80 });
  expect((await releases('verdict', '2026-01-31-a')).out).toMatch(
    /G8 +FAIL .*p95 of a cached list, ms 80\.0/,
  );
  expect((await accept()).out).toMatch(/^accepted: the candidate of night 2026-01-31/);
  expect(await decisionOn(store(), { night: '2026-01-31', modelSha256 })).toMatchObject({
    by: 'anna',
    serving: 'FAIL',
  });
});

/** The release of run 2026-01-31-a, made and held back by how it was answered. */
async function heldBy(lists: { failed?: number; p95Ms?: number }): Promise<string> {
  const { sha256 } = (await store().read('runs/2026-01-31-a/train'))!;
  const serving = {
    lists: { answers: 100, failed: 0, p95Ms: 8, controlP95Ms: 1, cpuMs: 1, ...lists },
    foldIn: null,
  };
  const verdict = withServing(verdictOf({}), serving, RULES);
  const draft = await createReleaseStore(join(home, 'warehouse'), { now: () => new Date(0) }).begin(
    'slow',
    [],
  );
  const model = { uri: '', sha256, recipe: '', k: 8 };
  await draft.commit({ ...releaseOf('2026-01-31', model), releaseId: 'slow', verdict, serving });
  return sha256;
}

it('a word about another gate is not one about answers: those may be accepted by a second word', async () => {
  await judged('2026-01-31-a', verdictOf(HELD));
  const accept = (reason: string) => releases('accept', '2026-01-31-a', '--reason', reason, '--by', 'anna');
  expect((await accept('no genres yet')).code).toBe(0);
  const modelSha256 = await heldBy({ p95Ms: 80 });
  expect((await accept('a slow disk')).code).toBe(0);
  expect((await accept('once more')).err).toMatch(/\(a slow disk\); that stays\n$/);
  expect(await decisionOn(store(), { night: '2026-01-31', modelSha256 })).toMatchObject({
    reason: 'a slow disk',
    serving: 'FAIL',
  });
  expect(await readdir(join(home, 'warehouse', 'decisions'))).toHaveLength(2);
});

it('answers that fail are waived by nobody', async () => {
  await judged('2026-01-31-a', verdictOf({}));
  await heldBy({ failed: 3 });
  const { code, err } = await releases('accept', '2026-01-31-a', '--reason', 'x');
  expect([code, err]).toEqual([
    1,
    expect.stringMatching(
      /cannot be accepted: 3 answers of its release failed \(G8\), which nobody may waive/,
    ),
  ]);
});

it('accept records who said so and why, once, and says what to run', async () => {
  await judged('2026-01-31-a', verdictOf(HELD));
  const { code, out } = await releases('accept', '2026-01-31-a', '--reason', 'no genres yet', '--by', 'anna');
  expect(code).toBe(0);
  expect(out).toMatch(
    /^accepted: the candidate of night 2026-01-31, model [0-9a-f]{12}\nnext: matinee nightly --date 2026-01-31 --wait\n$/,
  );
  const { sha256 } = (await store().read('runs/2026-01-31-a/train'))!;
  expect(await decisionOn(store(), { night: '2026-01-31', modelSha256: sha256 })).toMatchObject({
    action: 'accept',
    runId: '2026-01-31-a',
    by: 'anna',
    reason: 'no genres yet',
  });
  expect(await decisionOn(store(), { night: '2026-02-01', modelSha256: sha256 })).toBeNull();
  const again = await releases('reject', '2026-01-31-a', '--reason', 'no', '--by', 'bert');
  expect([again.code, again.err]).toEqual([
    1,
    expect.stringMatching(/^this candidate was accepted by anna at .* \(no genres yet\); that stays\n$/),
  ]);
  expect(await readdir(join(home, 'warehouse', 'decisions'))).toHaveLength(1);
});

it('a challenger that gave way can be looked at and accepted, where there was one', async () => {
  const says = 'EASE was judged and not promoted';
  await judged('2026-01-31-a', verdictOf({}), {
    kind: 'ease',
    modelSha256: 'e'.repeat(64),
    verdict: verdictOf(HELD),
    says,
  });
  const of = (action: string, runId: string, ...options: string[]) =>
    releases(action, runId, '--challenger', ...options);
  expect((await of('verdict', '2026-01-31-a')).out).toMatch(/^verdict {2}hold, recipe-change$/m);
  expect((await of('accept', '2026-01-31-a', '--reason', 'wanted', '--by', 'anna')).out).toMatch(
    /^accepted: the candidate of night 2026-01-31, model e{12}\n/,
  );
  const decided = { night: '2026-01-31', modelSha256: 'e'.repeat(64) };
  expect(await decisionOn(store(), decided)).toMatchObject({ action: 'accept', by: 'anna' });
  await judged('2026-02-01-a', verdictOf({}));
  expect((await of('accept', '2026-02-01-a', '--reason', 'x')).err).toMatch(
    /^run 2026-02-01-a has no challenger: /,
  );
});

it('what nobody may waive is refused with the gate and its evidence', async () => {
  await judged('2026-01-31-a', verdictOf({ conditions: { ageViolations: 2 } }));
  const { code, err } = await releases('accept', '2026-01-31-a', '--reason', 'it is fine');
  expect(code).toBe(1);
  expect(err).toContain('G4 (nothing above a viewer’s age) did not pass: 2 of 50000 viewer-film pairs');
  expect(err).toContain('Nobody may waive G4, G9, G10');
  expect((await releases('reject', '2026-01-31-a', '--reason', 'ages')).code).toBe(0);
});

it('no reason, no such run, nothing to accept: one line, exit 1', async () => {
  await judged('2026-01-31-a', verdictOf({}));
  expect((await releases('accept', '2026-01-31-a', '--reason', ' ')).err).toContain('--reason is empty');
  expect((await releases('accept', '2026-01-31-a', '--reason', 'x')).err).toContain(
    'there is nothing to accept',
  );
  for (const id of ['2026-01-31-b', '../x'])
    expect((await releases('accept', id, '--reason', 'x')).err).toBe(
      `there is no judged run ${id}; see: matinee releases verdict\n`,
    );
});
