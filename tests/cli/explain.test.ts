import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createReleaseStore } from '../../src/adapters/releases/release-store.js';
import { registerExplain } from '../../src/cli/explain.js';
import { whySchema } from '../../src/contracts/api.js';
import { pidOf } from '../../src/core/identity/pid.js';
import { openHome, pidKey } from '../../src/embedded/home.js';
import { moveChannel, publishFormula, publishLists } from '../api/releases.js';
import { film, formulaOf, item, NOW, personal } from '../api/world.js';
import { run } from './program.js';

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'matinee-explain-'));
  await openHome(home);
});
afterEach(() => rm(home, { recursive: true, force: true }));

async function releaseBoth(): Promise<void> {
  const releases = createReleaseStore(join(home, 'warehouse'), { now: () => NOW });
  const { key } = await pidKey(await openHome(home));
  const list = personal(pidOf(key, 'anna'), [item('1', 0), item('2', 6)], { maxAge: 12 });
  await publishLists(releases, 'r1', [list]);
  await moveChannel(releases, 'default', 'r1');
  const films = [
    film('1', 0),
    film('2', 6, { title: 'Modern Times' }),
    film('adult', 18, { title: 'Psycho' }),
  ];
  await publishFormula(releases, 'f1', formulaOf(films));
  await moveChannel(releases, 'formula', 'f1');
}

it('says the place and the reason of a film in the list; --json is the body of the API', async () => {
  await releaseBoth();
  const { code, out, err } = await run(registerExplain, home, 'explain', 'anna', '2');
  expect([code, err]).toEqual([0, '']);
  expect(out).toMatch(/^Modern Times \(1950\) for viewer anna, release r1: place 2 of this viewer's list\n/);
  expect(out).toContain('Reason shown: Because you watched “Modern Times”');
  expect(out).toContain(
    'from age 6 by FSK 6, the strictest of those known; this viewer may see up to age 12',
  );
  const json = await run(registerExplain, home, 'explain', 'anna', '2', '--json');
  expect(whySchema.strict().parse(JSON.parse(json.out))).toMatchObject({ position: 2, movieId: '2' });
});

it('says by which certificate a film is kept out, without its name; unknown films and viewers are told', async () => {
  await releaseBoth();
  const { out } = await run(registerExplain, home, 'explain', 'anna', 'adult');
  expect(out).toContain(
    "adult for viewer anna, release r1: not in this viewer's list: from age 18 by FSK 18",
  );
  expect(out).not.toContain('Psycho');
  const unknown = await run(registerExplain, home, 'explain', 'anna', 'nothing');
  expect([unknown.code, unknown.err]).toEqual([
    1,
    expect.stringContaining('There is no film "nothing" in the catalogue.'),
  ]);
});
