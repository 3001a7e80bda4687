import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { recordOutcome, runShares } from '../../src/activities/outcomes.js';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'matinee-test-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

/** A warehouse whose runs were judged so, and none of whose releases is served. */
const deps = (verdicts: Record<string, string>) =>
  ({
    artifacts: {
      path: (uri: string) => join(root, uri),
      read: async (uri: string) => {
        const kind = verdicts[uri.split('/')[1]!];
        return kind === undefined
          ? null
          : { facts: { verdict: { kind, provisional: false, reasons: ['because'] } } };
      },
    },
    releases: { list: async () => [], history: async () => [] },
  }) as unknown as Parameters<typeof recordOutcome>[0];

test('runs are counted by how far they came; a formula’s run is none', async () => {
  const world = deps({ '2026-01-02-a': 'promote', '2026-01-03-a': 'hold' });
  expect(await runShares(world)).toEqual({ finished: 0, judged: 0, promoted: 0, served: 0 });
  for (const run of ['2026-01-02-a', '2026-01-03-a', '2026-01-04-a', 'formula-a'])
    await recordOutcome(world, run);
  expect(await runShares(world)).toEqual({ finished: 3, judged: 2, promoted: 1, served: 0 });
});

test('half a line, as a killed writer leaves it beside, is never read: the shares of every later night would fail', async () => {
  const world = deps({ '2026-01-02-a': 'promote' });
  await recordOutcome(world, '2026-01-02-a');
  expect(await readdir(join(root, 'outcomes'))).toEqual(['2026-01-02-a.json']);
  await writeFile(join(root, 'outcomes/2026-01-03-a.json.tmp-1'), '{"runId":"2026-');
  expect(await runShares(world)).toMatchObject({ finished: 1 });
});
