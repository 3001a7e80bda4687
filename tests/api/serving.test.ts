import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ReleaseStore, ViewerList } from '../../src/activities/deps.js';
import { createReleaseStore } from '../../src/adapters/releases/release-store.js';
import type { LiveServing, ServingOptions } from '../../src/api/serving-store.js';
import { openServing } from '../../src/api/serving-store.js';
import { createRehearsal } from '../../src/api/rehearsal.js';
import { type FormulaLists, recommendationsSchema } from '../../src/contracts/index.js';
import { moveChannel, publishFormula, publishLists } from './releases.js';
import { client, config, down, film, formulaOf, item, NOW, personal, pidOfId, world } from './world.js';

const clock = { now: () => NOW };
const anna = pidOfId('anna');
let root: string;
let releases: ReleaseStore;
const opened: LiveServing[] = [];

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'matinee-serving-'));
  releases = createReleaseStore(root, clock);
});
afterEach(async () => {
  for (const serving of opened.splice(0)) await serving.close();
  await rm(root, { recursive: true, force: true });
});

async function open(options: ServingOptions = {}): Promise<LiveServing> {
  const serving = await openServing(root, releases, { graceMs: 20, ...options });
  opened.push(serving);
  return serving;
}

const release = (id: string, lists: ViewerList[]) => publishLists(releases, id, lists);
const formulaRelease = (id: string, lists: FormulaLists) => publishFormula(releases, id, lists);
const flip = (channel: string, id: string) => moveChannel(releases, channel, id);

const oneFilm = (filmId: string) => [personal(anna, [item(filmId, 0)])];

describe('following the channels', () => {
  it('serves nothing, then what is released, then what replaces it: without a restart', async () => {
    const switches: string[] = [];
    const serving = await open({ pollMs: 10, onSwitch: (channel, id) => switches.push(`${channel} ${id}`) });
    expect([serving.lists(), serving.formula()]).toEqual([null, null]);
    await formulaRelease('f1', formulaOf([film('a', 0)]));
    await flip('formula', 'f1');
    await release('r1', oneFilm('1'));
    await flip('default', 'r1');
    await expect.poll(() => serving.lists()?.releaseId).toBe('r1');
    expect(serving.formula()?.lists.top).toEqual(['a']);
    await release('r2', oneFilm('2'));
    await flip('default', 'r2');
    await expect.poll(() => serving.lists()?.releaseId).toBe('r2');
    expect(switches).toEqual(['formula f1', 'default r1', 'default r2']);
    expect(serving.lists()?.get(anna)?.json(0).toString()).toContain('"movieId":"2"');
    expect(serving.lists()?.get(pidOfId('nobody'))).toBeNull();
  });

  it('there and back within the grace period: the release that came back stays open', async () => {
    await release('r1', oneFilm('1'));
    await release('r2', oneFilm('2'));
    await flip('default', 'r1');
    const serving = await open({ graceMs: 30 });
    for (const id of ['r2', 'r1']) {
      await flip('default', id);
      await serving.refresh();
    }
    await new Promise((resolve) => setTimeout(resolve, 80)); // both old readers are closed by now
    expect(serving.lists()?.releaseId).toBe('r1');
    expect(serving.lists()?.get(anna)?.length).toBe(1);
  });

  it('a release that is not there, or not whole, is reported once; the old one stays', async () => {
    await release('r1', oneFilm('1'));
    await flip('default', 'r1');
    const errors: string[] = [];
    const serving = await open({ onError: (channel, error) => errors.push(`${channel}: ${String(error)}`) });
    await flip('default', 'gone');
    for (let i = 0; i < 3; i++) await serving.refresh();
    await release('short', oneFilm('2'));
    await truncate(join(root, 'releases', 'short', 'lists.mdb'), 4096);
    await flip('default', 'short');
    for (let i = 0; i < 3; i++) await serving.refresh();
    expect(errors).toEqual([
      expect.stringMatching(/default: .*release gone is not in/),
      expect.stringMatching(/default: .*release short: lists.mdb has 4096 bytes, expected \d+/),
    ]);
    expect(serving.lists()?.releaseId).toBe('r1');
    expect(serving.lists()?.get(anna)?.length).toBe(1);
  });

  it('a new start with a broken release on the channel serves the last one that opens', async () => {
    await release('r1', oneFilm('1'));
    await flip('default', 'r1');
    await flip('default', 'gone');
    await formulaRelease('f1', formulaOf([]));
    await flip('formula', 'f1');
    await formulaRelease('f2', formulaOf([]));
    await writeFile(join(root, 'releases', 'f2', 'formula.json'), '{}');
    await flip('formula', 'f2');
    const errors: unknown[] = [];
    const serving = await open({ onError: (_channel, error) => errors.push(error) });
    expect(serving.lists()?.releaseId).toBe('r1');
    expect(serving.formula()?.releaseId).toBe('f1');
    expect(errors).toHaveLength(2);
  });

  it('a channel entry that is no JSON is reported and survived', async () => {
    await release('r1', oneFilm('1'));
    await flip('default', 'r1');
    const errors: unknown[] = [];
    const serving = await open({ onError: (_channel, error) => errors.push(error) });
    await writeFile(join(root, 'channels', 'default', '00000002.json'), '{');
    for (let i = 0; i < 3; i++) await serving.refresh();
    expect(errors).toHaveLength(1);
    expect(serving.lists()?.releaseId).toBe('r1');
  });

  it('requests across a switch each see one release, whole, with the store down', async () => {
    const lists = (filmId: string) => [
      personal(
        anna,
        Array.from({ length: 9 }, () => item(filmId, 0)),
      ),
    ];
    await release('r1', lists('1'));
    await release('r2', lists('2'));
    await flip('default', 'r1');
    const serving = await open({ graceMs: 1 });
    const w = world({ profile: down, saveEvents: down });
    const get = await client({ ...w.deps, serving });
    const seen = new Set<string>();
    const ask = async () => {
      const reply = await get('/v1/users/anna/recommendations?limit=9');
      const { release, items } = recommendationsSchema.parse(JSON.parse(reply.body));
      expect(items.map(({ movieId }) => `r${movieId}`)).toEqual(Array.from({ length: 9 }, () => release));
      seen.add(release);
    };
    for (let round = 0; round < 12; round++) {
      await flip('default', round % 2 === 0 ? 'r2' : 'r1');
      await Promise.all([ask(), ask(), serving.refresh(), ask(), ask()]);
    }
    expect([...seen].sort()).toEqual(['r1', 'r2']);
  });
});

describe('a rehearsal', () => {
  const rehearse = (id: string, sample: ViewerList[]) =>
    createRehearsal(root, releases, { config, clock }).rehearse(id, sample);
  const lists = [
    personal(pidOfId('a'), [
      item('1', 0, { title: 'Naïve “film” \\ 1', year: null, score: 0.1 + 0.2 }),
      item('2', 18),
    ]),
    personal(pidOfId('b'), [], { servedBy: 'none', maxAge: 6, why: 'nothing allowed' }),
    personal(
      pidOfId('c'),
      Array.from({ length: 60 }, (_, i) => item(String(i), 0)),
      { servedBy: 'formula' },
    ),
  ];

  it('finds nothing when what was stored comes out', async () => {
    await release('r1', lists);
    expect(await rehearse('r1', lists)).toEqual({ checked: 3, failures: [] });
  });

  it('names every field that differs', async () => {
    await release('r1', lists);
    const [a, b, c] = lists as [ViewerList, ViewerList, ViewerList];
    const sample = [
      { ...a, items: [{ ...a.items[0]!, score: 0.3 }, a.items[1]!] },
      { ...b, servedBy: 'formula' as const },
      { ...c, items: c.items.slice(0, 49) },
      { ...a, pid: pidOfId('d') },
    ];
    const { failures } = await rehearse('r1', sample);
    expect(failures.slice(0, 3)).toEqual([
      `${a.pid}: items.0.score is 0.30000000000000004, expected 0.3`,
      `${b.pid}: servedBy is "none", expected "formula"`,
      expect.stringContaining(`${c.pid}: items.49 is {`),
    ]);
    expect(failures.slice(3)).toContain(`${pidOfId('d')}: servedBy is "none", expected "personal"`);
  });

  it('a stored film above its viewer’s age does not come out, and is a failure', async () => {
    const bad = [personal(anna, [item('1', 0), item('2', 18)], { maxAge: 12 })];
    await release('r1', bad);
    expect((await rehearse('r1', bad)).failures).toEqual([expect.stringContaining('items.1 is undefined')]);
  });

  it('a release that is not there is an error', async () => {
    await expect(rehearse('gone', [])).rejects.toThrow(/release gone is not in/);
  });
});
