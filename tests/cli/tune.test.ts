import { appendFile, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { Judge, Trainer } from '../../src/activities/deps.js';
import { snapshotFiles } from '../../src/activities/snapshot.js';
import { withFolder } from '../../src/cli/tune/claim.js';
import { openHistory } from '../../src/cli/tune/history.js';
import { fragmentOf } from '../../src/cli/tune/fragment.js';
import { searchSettings } from '../../src/cli/tune/search.js';
import { withTuningData } from '../../src/cli/tune/tuning-data.js';
import { tune } from '../../src/cli/tune.js';
import { createPace, createTrialView, describeTuning, durationText } from '../../src/cli/tune/view.js';
import { type Trial, type Tuning, configSchema } from '../../src/contracts/index.js';
import { soloTeam } from '../../src/core/als/phases.js';
import { trainIals } from '../../src/core/als/train.js';
import { createViewerRanker, judgementUnits } from '../../src/core/metrics/rank-viewers.js';
import { createSimdKernel } from '../../src/kernels/simd/kernel.js';
import { recipeOf } from '../../src/core/als/recipe.js';
import { roundsOf } from '../../src/core/tune/halving.js';
import { tuningPage } from '../../src/core/tune/page.js';
import { withSetting } from '../../src/core/tune/settings.js';
import { FILMS, LONG_AGO, events, viewersIn } from '../activities/evaluate-world.js';
import { ASOF, type World, makeWorld, plainBuilders } from '../activities/model-world.js';

const DAY = 86_400_000;
const CONFIG = {
  ials: { k: 4, epochsCold: 2, threads: 1 },
  eligibility: { minItemUsers: 5 },
  evaluate: { minViewers: 20, bootstrap: 100 },
  tune: { k: [2, 4], halfLife: [1, 2], viewers: 40 },
};

/** Fits and ranks in this thread: what threads change is tested elsewhere, and starting them takes longer than the work. */
const trainer: Trainer = {
  train: (workspace, options) =>
    trainIals(workspace, soloTeam(workspace, createSimdKernel(workspace.memory, workspace.hyper.k)), options),
  fitEase: () => Promise.reject(new Error('tuning fits ALS alone')),
};
const rank: Judge['rank'] = async (judgement) => {
  const rankUnit = createViewerRanker(judgement);
  for (let unit = 0; unit < judgementUnits(judgement); unit++) rankUnit(unit);
};

let folder: string;
let world: World;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'matinee-test-'));
  world = makeWorld(CONFIG);
});
afterAll(async () => {
  world.close();
  await rm(folder, { recursive: true, force: true });
});

/** A search over the world's events, in the folder `name`; `stopAfter` fits it is killed. */
async function search(
  name: string,
  {
    at = EVENLY,
    stopAfter = Infinity,
    minViewers = 20,
  }: { at?: string; stopAfter?: number; minViewers?: number } = {},
): Promise<{ tuning: Tuning; trials: readonly Trial[]; fresh: number }> {
  const { artifacts } = world.deps;
  const config = { ...world.deps.config, evaluate: { ...world.deps.config.evaluate, minViewers } };
  const files = async (what: string, sql: string) =>
    artifacts.files(await world.artifact(`${name}-${what}`, sql));
  const viewers = await files('viewers', viewersIn('default'));
  const source = {
    asOf: ASOF,
    events: await files('events', events(at)),
    films: await files('films', FILMS),
    viewers,
    config,
  };
  const history = await openHistory(join(folder, name, 'trials.ndjson'));
  let fresh = 0;
  const judge = { ...world.deps.judge, rank };
  const deps = { ...world.deps, trainer, judge, config, split: { ...plainBuilders, snapshotFiles } };
  const { signal } = world.controller;
  const input = { source, featViewers: viewers, scratch: join(folder, name), signal, say: () => {} };
  const tuning = await withTuningData(deps, input, (data) =>
    searchSettings(deps, data, history, {
      search: name,
      budget: 2,
      signal,
      say: () => {},
      now: () => 0,
      onTrial(_, isNew) {
        if (!isNew) return;
        fresh++;
        if (fresh === stopAfter) throw new Error('killed');
      },
    }),
  );
  return { tuning, trials: history.trials, fresh };
}
const EVENLY = `TIMESTAMP '2024-06-03' - to_days(3 * n::INTEGER)`;

describe('a search', () => {
  let whole: Awaited<ReturnType<typeof search>>;
  beforeAll(async () => {
    whole = await search('whole');
  });

  test('killed and started again, it ends as one that was left alone; nothing stays of its split', async () => {
    const places = whole.trials.map(({ round, number }) => `${round}/${number}`);
    expect(places.slice(0, 4)).toEqual(['0/0', '0/1', '0/2', '1/0']);
    expect(whole.fresh).toBe(whole.trials.length);
    await expect(search('killed', { stopAfter: 3 })).rejects.toThrow('killed');
    await appendFile(join(folder, 'killed', 'trials.ndjson'), '{"round":0,"num'); // in the middle of a line
    const resumed = await search('killed');
    expect(resumed.fresh).toBe(whole.fresh - 3);
    expect(resumed.trials).toEqual(whole.trials);
    expect(resumed.tuning).toEqual({ ...whole.tuning, search: 'killed' });
    expect(await readdir(join(folder, 'killed'))).toEqual(['trials.ndjson']);
    // two tastes are easy: all that is fitted is far ahead of popularity
    expect(whole.tuning.best.taste).toBeGreaterThan(1.2 * whole.tuning.popularity);
    expect(whole.tuning.best.ndcg).toBeGreaterThanOrEqual(whole.tuning.current.ndcg);
  });

  test("ends where the gate's test begins: what happened after it changes nothing", async () => {
    const { tuning, trials } = whole;
    expect(tuning.split).toBe('last-7-days');
    expect(Date.parse(tuning.asOf)).toBe(Date.parse(ASOF) - 7 * DAY);
    expect(Date.parse(tuning.cutoff!)).toBe(Date.parse(ASOF) - 14 * DAY);
    // the same until T−7; then the other half of the catalogue, at other times
    const changed = `if(${EVENLY} < TIMESTAMP '2024-05-25', ${EVENLY}, TIMESTAMP '2024-05-30' + to_minutes(u::INTEGER))`;
    const other = await search('other-week', { at: changed });
    expect(other.trials).toEqual(trials);
    const early = await search('other-start', { at: `${EVENLY} - to_days(u::INTEGER % 5)` });
    expect(early.trials).not.toEqual(trials);
  });

  test('too few viewers in every week: on the train part of each viewer, and else it says what is missing', async () => {
    const { tuning } = await search('long-ago', { at: LONG_AGO });
    expect([tuning.split, tuning.cutoff, tuning.asOf]).toEqual(['per-viewer-80-20', null, ASOF]);
    await expect(search('nobody', { at: LONG_AGO, minViewers: 61 })).rejects.toThrow(
      'nothing to tune on: no split has 61 viewers (evaluate.minViewers)',
    );
  });
});

describe('the fragment', () => {
  const config = configSchema.parse({});
  const setting = { k: 32, alpha0: 0.3, lambda: 0.01, nu: 1, halfLife: 2 };

  test('is what differs, and makes the recipe that was tried', () => {
    const fragment = parse(fragmentOf(config, setting)) as Record<string, Record<string, unknown>>;
    expect(fragment['ials']).toEqual({ k: 32, lambda: 0.01 });
    expect(fragment['feedback']!['rating']).toEqual({ halfLifeDays: 730 });
    expect(fragment['feedback']!['watch']).toEqual({ halfLifeDays: 240 });
    const used = configSchema.parse(fragment);
    expect(used).toEqual(withSetting(config, setting));
    // another recipe: the gate judges it as a change of recipe
    expect(recipeOf(used, 'code', 'als')).not.toBe(recipeOf(config, 'code', 'als'));
    const { k, alpha0, lambda, nu } = config.ials;
    expect(fragmentOf(config, { k, alpha0, lambda, nu, halfLife: 1 })).toBe('');
  });
});

describe('what is seen of it', () => {
  const trial = (round: number, number: number, ndcg: number | null, k = 16): Trial => ({
    round,
    number,
    epochs: 2 + round,
    setting: { k, alpha0: 0.3, lambda: 0.007, nu: 1, halfLife: 1 },
    ndcg,
    taste: ndcg,
    seconds: 6,
  });
  const scored = (ndcg: number) => ({ setting: trial(0, 0, ndcg).setting, ndcg, taste: ndcg });
  const TUNING: Tuning = {
    search: '2024-06-01-abc',
    split: 'last-7-days',
    cutoff: '2024-05-18T00:00:00.000Z',
    asOf: '2024-05-25T00:00:00.000Z',
    viewers: 40,
    budget: 1,
    fits: 3,
    popularity: 0.1,
    current: scored(0.15),
    best: { number: 1, ...scored(0.17) },
    difference: { mean: 0.02, lower: -0.01, upper: 0.05 },
    fragment: 'ials:\n  k: 16 # <b>\n',
  };

  test('a line per fit with the best so far and the time left', () => {
    let said = '';
    const out = { isTTY: false, write: (text: string) => !!(said += text) };
    const view = createTrialView({ rounds: roundsOf(1, 2), fits: 4 }, out);
    view.head();
    view.trial(trial(0, 0, 0.15), true);
    view.trial(trial(0, 1, null), true);
    const [plan, head, first, second] = said.split('\n');
    expect(plan).toBe('4 fits: 2 for 1 epochs, then 2 for 2 epochs');
    expect(head).toContain('NDCG@10');
    expect(first).toMatch(/1\/2 +1\/4 .* 0\.1500 +0\.1500 +0\.1500 +\d+ s$/);
    expect(second).toMatch(/diverged +0\.1500/);
  });

  test('time left: by the epochs of what is still to be fitted, by hand', () => {
    const pace = createPace([
      { settings: 2, epochs: 2 },
      { settings: 1, epochs: 4 },
    ]);
    expect(pace.left()).toBe(0);
    pace.add({ epochs: 2, seconds: 3 }); // cost 6 of 2 · 6 + 8
    expect(pace.left()).toBe(7);
    expect([durationText(7), durationText(600), durationText(7200)]).toEqual(['7 s', '10 min', '2.0 h']);
  });

  test('the sentences say what may be chance, and what to do', () => {
    const FILE = { path: '/home/m/matinee.config.yaml', isThere: true };
    expect(describeTuning(TUNING, FILE)).toContain('that may be chance');
    expect(describeTuning({ ...TUNING, difference: { mean: 0.02, lower: 0.01, upper: 0.03 } }, FILE)).not.toContain('chance'); // prettier-ignore
    expect(describeTuning(TUNING, FILE)).toContain('put this into /home/m/matinee.config.yaml, beside what is there:\n\nials:'); // prettier-ignore
    expect(describeTuning(TUNING, { ...FILE, isThere: false })).toContain('make /home/m/matinee.config.yaml of this:\n\nials:'); // prettier-ignore
    expect(describeTuning({ ...TUNING, best: { ...TUNING.best, number: 0 }, fragment: '' }, FILE)).toContain(
      'nothing to change',
    );
  });

  test('the page has every fit that did not diverge as a mark in each panel, and no raw text', () => {
    const trials = [trial(0, 0, 0.15), trial(0, 1, 0.16, 32), trial(0, 2, null), trial(1, 1, 0.17, 32)];
    const page = tuningPage(TUNING, trials);
    expect(page.match(/<circle/g)).toHaveLength(6 * 2);
    expect(page.match(new RegExp('<path d="M[^"]*z"', 'g'))).toHaveLength(6);
    expect(page).not.toContain('NaN');
    expect(page).not.toContain('<b>');
    expect(page).toContain('diverged');
  });

  test('labels below a panel keep apart', () => {
    const base = trial(0, 0, 0.15);
    const page = tuningPage(
      TUNING,
      [0.0033, 0.0035, 0.0052, 0.02, 0.46].map((lambda, n) => ({
        ...base,
        number: n,
        setting: { ...base.setting, lambda },
      })),
    );
    // of 0.0033 … 0.46 on 290 px: 0.0035 would stand 3 px, 0.0052 24 px right of the first
    expect(page).toContain('>0.0033</text>');
    expect(page).not.toContain('>0.0035</text>');
    expect(page).not.toContain('>0.0052</text>');
    expect(page).toContain('>0.46</text>');
  });
});

test('one process at a time in a search; what a killed one left goes', async () => {
  const own = join(folder, 'claimed');
  await mkdir(join(own, '.tmp-split-1'), { recursive: true });
  await writeFile(join(own, 'trials.ndjson'), '');
  await writeFile(join(own, 'running.json'), JSON.stringify({ pid: 4194000, born: 'long ago' }));
  const seen = await withFolder(own, async () => {
    await expect(withFolder(own, async () => 'twice')).rejects.toThrow(
      `process ${process.pid} is in the middle`,
    );
    return readdir(own);
  });
  expect(seen.sort()).toEqual(['running.json', 'trials.ndjson']);
  expect(await readdir(own)).toEqual(['trials.ndjson']);
});

test('where no night has ALS there is nothing to tune', async () => {
  const settings = {
    config: configSchema.parse({ model: 'ease' }),
    home: folder,
    warehouse: folder,
    projectRoot: '.',
  };
  await expect(tune(settings as never, {}, process.stderr)).rejects.toThrow(
    /^tune searches the settings of ALS/,
  );
});

test('a history that is no history is refused', async () => {
  const path = join(folder, 'broken.ndjson');
  await writeFile(path, '{"round":0}\n');
  await expect(openHistory(path)).rejects.toThrow();
  expect(await readFile(path, 'utf8')).toBe('{"round":0}\n');
});
