import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import type { ViewerList } from '../../src/activities/deps.js';
import { isDiskFull } from '../../src/activities/failures.js';
import { createReleaseStore } from '../../src/adapters/releases/release-store.js';

const DISK_BYTES = 4 << 20;
const disk = mkdtempSync(join(tmpdir(), 'matinee-full-'));
const mount =
  process.getuid?.() === 0
    ? spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_BYTES}`, 'tmpfs', disk], { encoding: 'utf8' })
    : { status: 1, stderr: 'not root' };
if (mount.status !== 0)
  console.warn(`full disk: skipped, a small disk cannot be mounted (${mount.stderr.trim()})`);

afterAll(() => {
  if (mount.status === 0) spawnSync('umount', [disk]);
  rmSync(disk, { recursive: true, force: true });
});

const releases = createReleaseStore(disk, { now: () => new Date('2026-02-01T02:30:00Z') });
const listOf = (n: number): ViewerList => ({
  pid: `${String(n).padStart(8, '0')}-0000-4000-8000-000000000000`,
  servedBy: 'none',
  maxAge: 18,
  market: 'default',
  why: 'x'.repeat(2000),
  items: [],
});

/** Everything but `left` bytes is taken. */
function fill(left: number): void {
  const { bavail, bsize } = statfsSync(disk);
  writeFileSync(join(disk, 'ballast'), Buffer.alloc(bavail * bsize - left));
}

describe.skipIf(mount.status !== 0)('on a full disk', () => {
  beforeEach(() => {
    for (const name of readdirSync(disk)) rmSync(join(disk, name), { recursive: true });
  });

  // Without room for its lock file LMDB ends the process (SIGBUS); a write cut short it calls an input/output error.
  test.each([
    ['from the start', 8192],
    ['after a while', 1_000_000],
  ])('a release says so %s, and leaves nothing behind', async (_, left) => {
    fill(left);
    const draft = await releases.begin('2026-01-31-000000000000', ['f1']);
    let seen: unknown;
    try {
      for (let n = 0; n < 2000; n++) draft.put(listOf(n));
    } catch (error) {
      seen = error;
    }
    await draft.abandon();
    expect(isDiskFull(seen)).toBe(true);
    expect(readdirSync(join(disk, 'releases'))).toEqual([]);
  });

  test('a release that was committed before can still be opened', async () => {
    const draft = await releases.begin('2026-01-31-000000000001', ['f1']);
    draft.put(listOf(1));
    await draft.commit({
      schema: 'release/1',
      releaseId: '2026-01-31-000000000001',
      kind: 'personal',
      night: '2026-01-31',
      asOf: '2026-02-01T00:00:00.000Z',
      inputSha256: 'a'.repeat(64),
      provisional: false,
      counts: { viewers: 1, personal: 0, formula: 0, none: 1, noneReasons: {}, films: 1 },
      model: null,
      formulaRelease: null,
      report: null,
      verdict: null,
      audit: { pairs: 0, violations: 0 },
      config: {},
      createdAt: '2026-02-01T02:30:00.000Z',
    });
    fill(0);
    const reader = await releases.readLists('2026-01-31-000000000001');
    expect(reader.get(listOf(1).pid)?.servedBy).toBe('none');
    await reader.close();
  });
});
