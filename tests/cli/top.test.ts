import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createReleaseStore } from '../../src/adapters/releases/release-store.js';
import { registerTop } from '../../src/cli/top.js';
import { moveChannel, publishFormula } from '../api/releases.js';
import { client, film, formulaOf, NOW, world } from '../api/world.js';
import { run } from './program.js';

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'matinee-top-'));
});
afterEach(() => rm(home, { recursive: true, force: true }));

const films = [
  film('a', 0, { title: 'Modern Times', year: 1936, weightedRating: 8.234, votes: 1200 }),
  film('b', 12, { title: 'M', year: null, weightedRating: 8, votes: 1 }),
];

async function release(lists = formulaOf(films)): Promise<void> {
  const releases = createReleaseStore(join(home, 'warehouse'), { now: () => NOW });
  await publishFormula(releases, 'f1', lists);
  await moveChannel(releases, 'formula', 'f1');
}

it('--json is the HTTP body, byte for byte', async () => {
  await release();
  const get = await client(
    world({ formula: { releaseId: 'f1', night: '2026-05-31', lists: formulaOf(films) } }).deps,
  );
  for (const n of ['1', '50', '100']) {
    const printed = await run(registerTop, home, 'top', '-n', n, '--json');
    expect(printed).toEqual({ code: 0, err: '', out: (await get(`/v1/movies/top?limit=${n}`)).body });
  }
});

it('a table for people', async () => {
  await release(formulaOf(films, { m: 1 }));
  expect(await run(registerTop, home, 'top', '-n', '2')).toEqual({
    code: 0,
    err: '',
    out: 'Release f1\n1  Modern Times (1936)  8.23  1200 votes\n2  M                    8.00  1 vote\n',
  });
});

it('nothing released: one line that says what to run, exit 1', async () => {
  const { code, out, err } = await run(registerTop, home, 'top');
  expect([code, out, err]).toEqual([1, '', 'nothing has been released yet; run: matinee nightly --wait\n']);
});

it('-n is 1 to 100', async () => {
  for (const n of ['0', '101', 'x', '-1', '1.5']) {
    const { code, err } = await run(registerTop, home, 'top', '-n', n);
    expect(code).toBe(1);
    expect(err).toMatch(/--limit <n>.*a whole number from 1 to 100/);
  }
});
