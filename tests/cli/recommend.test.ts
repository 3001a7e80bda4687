import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { ReleaseStore } from '../../src/activities/deps.js';
import { createReleaseStore } from '../../src/adapters/releases/release-store.js';
import { startServer } from '../../src/api/server.js';
import { registerRecommend } from '../../src/cli/recommend.js';
import { loadSettings } from '../../src/config.js';
import { recommendationsSchema } from '../../src/contracts/api.js';
import { pidOf } from '../../src/core/identity/pid.js';
import { openHome, pidKey } from '../../src/embedded/home.js';
import { serverAuth } from '../api/server-auth.js';
import { moveChannel, publishFormula, publishLists } from '../api/releases.js';
import { film, formulaOf, item, NOW, personal, send } from '../api/world.js';
import { run } from './program.js';

let home: string;
let releases: ReleaseStore;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'matinee-recommend-'));
  await openHome(home);
  releases = createReleaseStore(join(home, 'warehouse'), { now: () => NOW });
});
afterEach(() => rm(home, { recursive: true, force: true }));

async function releaseBoth(): Promise<void> {
  const { key } = await pidKey(await openHome(home));
  const items = [
    item('1', 0, { title: 'Modern Times', year: 1936 }),
    item('2', 0, { title: 'Naïve “Film”', year: null }),
    item('3', 99),
  ];
  await publishLists(releases, 'r1', [personal(pidOf(key, 'anna'), items)]);
  await moveChannel(releases, 'default', 'r1');
  await publishFormula(releases, 'f1', formulaOf([film('adult', 18), film('child', 0)]));
  await moveChannel(releases, 'formula', 'f1');
}

it('--json is the HTTP body, byte for byte, for viewers of the release and for others', async () => {
  await releaseBoth();
  const server = await startServer(loadSettings({ MATINEE_HOME: home }, home), {
    port: 0,
    pidKey: await pidKey(await openHome(home)),
    store: null,
    auth: serverAuth,
    log: { write: () => {} },
  });
  try {
    for (const viewer of ['anna', 'nobody', 'ü "x"']) {
      const path = `/v1/users/${encodeURIComponent(viewer)}/recommendations?limit=2`;
      const { body } = await send(server.port, path, {});
      expect(await run(registerRecommend, home, 'recommend', viewer, '-k', '2', '--json')).toEqual({
        code: 0,
        err: '',
        out: body,
      });
    }
  } finally {
    await server.close();
  }
});

it('a table for people: rank, title, year, reason', async () => {
  await releaseBoth();
  expect((await run(registerRecommend, home, 'recommend', 'anna')).out).toBe(
    'Viewer anna, release r1, served by personal\n' +
      '1  Modern Times (1936)  Because you watched “Modern Times”\n' +
      '2  Naïve “Film”         Because you watched “Modern Times”\n',
  );
});

it('without a database the age of a stranger is unknown: only what a child may see, and why', async () => {
  await releaseBoth();
  const { out } = await run(registerRecommend, home, 'recommend', 'nobody', '--json');
  const { items, why } = recommendationsSchema.parse(JSON.parse(out));
  expect(items.map(({ movieId }) => movieId)).toEqual(['child']);
  expect(why).toMatch(/cannot be looked up/);
});

it('nothing released: one line that says what to run, exit 1', async () => {
  expect(await run(registerRecommend, home, 'recommend', 'anna')).toEqual({
    code: 1,
    out: '',
    err: 'nothing has been released yet; run: matinee nightly --wait\n',
  });
});

it('-k is 1 to 50, and a viewer is an id', async () => {
  await releaseBoth();
  for (const k of ['0', '51', 'x']) {
    expect((await run(registerRecommend, home, 'recommend', 'anna', '-k', k)).err).toMatch(/from 1 to 50/);
  }
  const { code, err } = await run(registerRecommend, home, 'recommend', 'x'.repeat(129));
  expect([code, err]).toEqual([1, 'id: must be a profile id of 1 to 128 characters\n']);
});
