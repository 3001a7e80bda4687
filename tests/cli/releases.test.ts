import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createReleaseStore } from '../../src/adapters/releases/release-store.js';
import { registerReleases } from '../../src/cli/releases.js';
import { releaseManifestSchema } from '../../src/contracts/release.js';
import { moveChannel, publishFormula, publishLists } from '../api/releases.js';
import { film, formulaOf, item, NOW, personal, pidOfId } from '../api/world.js';
import { run } from './program.js';

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'matinee-releases-'));
});
afterEach(() => rm(home, { recursive: true, force: true }));

async function releaseTwo(): Promise<void> {
  const releases = createReleaseStore(join(home, 'warehouse'), { now: () => NOW });
  await publishFormula(releases, '2026-05-31-f', formulaOf([film('a', 0)]));
  await publishLists(releases, '2026-05-31-r', [personal(pidOfId('anna'), [item('1', 0)])]);
  await moveChannel(releases, 'default', '2026-05-31-r');
}

it('list names every release and the channel that serves it', async () => {
  await releaseTwo();
  const { code, out } = await run(registerReleases, home, 'releases', 'list');
  expect(code).toBe(0);
  const lines = out.trimEnd().split('\n');
  expect(lines).toHaveLength(3);
  expect(lines[1]).toMatch(/^2026-05-31-f +formula /);
  expect(lines[2]).toMatch(/^2026-05-31-r +personal +2026-05-31 .* default$/);
  const json: unknown = JSON.parse((await run(registerReleases, home, 'releases', 'list', '--json')).out);
  expect(json).toMatchObject([
    { releaseId: '2026-05-31-f', channels: [] },
    { releaseId: '2026-05-31-r', channels: ['default'], counts: { viewers: 1 } },
  ]);
});

it('show prints the card; with --json the manifest as it is stored', async () => {
  await releaseTwo();
  const card = await run(registerReleases, home, 'releases', 'show', '2026-05-31-r');
  expect(card.out).toMatch(/^served on +default$/m);
  expect(card.out).toMatch(/^age audit +0 pairs, 0 violations$/m);
  const { out } = await run(registerReleases, home, 'releases', 'show', '2026-05-31-r', '--json');
  expect(releaseManifestSchema.parse(JSON.parse(out)).files.map(({ path }) => path)).toContain('lists.mdb');
});

it('nothing released, or no such release: one line, exit 1', async () => {
  const empty = await run(registerReleases, home, 'releases', 'list');
  expect([empty.code, empty.err]).toEqual([
    1,
    'nothing has been released yet; run: matinee nightly --wait\n',
  ]);
  await releaseTwo();
  for (const id of ['2026-05-31', '../x', '']) {
    const { code, err } = await run(registerReleases, home, 'releases', 'show', id);
    expect([code, err]).toEqual([1, `there is no release ${id}; see: matinee releases list\n`]);
  }
});
