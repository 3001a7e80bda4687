import { cpSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ReleaseStore, ViewerList } from '../../src/activities/deps.js';
import { recordOutcome, runShares } from '../../src/activities/outcomes.js';
import { readLineage } from '../../src/activities/read-lineage.js';
import { effectOfCode } from '../../src/activities/repro/code-effect.js';
import type { ReleaseManifest } from '../../src/contracts/index.js';
import { registerRepro } from '../../src/cli/repro.js';
import { type ReproDeps, reproduce } from '../../src/activities/repro/reproduce.js';
import { registerReleases } from '../../src/cli/releases.js';
import { registerVerify } from '../../src/cli/verify.js';
import { warehouse } from '../support/warehouse-data.js';
import { run } from './program.js';
import { reproWorld } from './repro-world.js';

let world: Awaited<ReturnType<typeof reproWorld>>;
beforeAll(async () => {
  world = await reproWorld();
}, 60_000);
afterAll(() => world.dispose());

async function again(releaseId: string, changed: Partial<ReproDeps> = {}) {
  const deps = { ...world.deps, ...changed };
  const manifest = (await deps.releases.manifest(releaseId))!;
  const lineage = (await readLineage(deps.artifacts, manifest))!;
  const { signal } = new AbortController();
  return { lineage, ...(await reproduce(deps, { manifest, lineage, say: () => {}, signal })) };
}

it('cold and warm, a release is made again byte for byte, and nothing is left behind', async () => {
  const first = await again(world.first);
  expect(first).toMatchObject({ same: true, made: [], lineage: { start: null } });
  const second = await again(world.second);
  expect(second).toMatchObject({ same: true, made: [], lineage: { start: { releaseId: world.first } } });
  expect(second.remade.map(({ what, same }) => [what, same])).toEqual([
    ['interactions', true],
    ['formula', true],
    ['factors', true],
    ['lists', true],
  ]);
  expect(readdirSync(join(world.root, 'runs')).filter((name) => name.includes('repro'))).toEqual([]);
});

it('before it was served its lists were asked for, and its viewers folded in, by the real API code', async () => {
  const { serving } = (await world.deps.releases.manifest(world.second))!;
  const rounds = { gate: 20, viewers: 24 };
  expect(serving!.lists).toMatchObject({ failed: 0 });
  expect([2, 3]).toContain(serving!.lists!.answers / rounds.gate);
  expect(serving!.foldIn).toMatchObject({ failed: 0 });
  expect([2, 3]).toContain(serving!.foldIn!.answers / rounds.viewers);
  for (const { p95Ms, controlP95Ms, cpuMs } of [serving!.lists!, serving!.foldIn!]) {
    expect(Math.min(p95Ms, controlP95Ms, cpuMs)).toBeGreaterThan(0);
  }
  const card = (await world.deps.releases.readCard(world.second))!;
  expect(card.serving).toEqual(serving);
  expect(card.cost).toMatchObject({ price: null, currency: 'EUR' });
  expect(card.cost!.cpuSeconds).toBe(card.model!.effort!.cpuSeconds);
  expect(card.cost!.peakMiB).toBeGreaterThan(10);
});

it('its card counts what it stands on, and outlives it', async () => {
  const card = (await world.deps.releases.readCard(world.second))!;
  expect(card).toMatchObject({
    data: { firstDay: '2026-02-26', lastDay: '2026-02-28', days: 2, films: 24, viewers: 41, consenting: 41 },
    model: { k: 4, films: 24, epochs: 1 },
    repeats: [{ releaseId: world.first, nights: 2, viewers: 40 }],
    runs: { finished: 0, served: 0 },
  });
  expect(card.popularity?.groups).toHaveLength(10);
  expect(card.model?.warmFrom).not.toBeNull();
  await recordOutcome(world.deps, '2026-02-26-r');
  await recordOutcome(world.deps, 'formula-1'); // no night's
  expect(await runShares(world.deps)).toEqual({ finished: 1, judged: 0, promoted: 0, served: 1 });
  const first = await world.deps.releases.readCard(world.first);
  await world.deps.releases.remove(world.first);
  expect(await world.deps.releases.manifest(world.first)).toBeNull();
  expect(await world.deps.releases.readCard(world.first)).toEqual(first);
});

it('the factors that it started from are the release’s own: that one may go', async () => {
  expect(await world.deps.releases.manifest(world.first)).toBeNull();
  expect(await again(world.second)).toMatchObject({ same: true });
});

it('other code, or another DuckDB, is said first; the bytes then speak for themselves', async () => {
  const said: string[] = [];
  const deps = {
    ...world.deps,
    codeSha256: 'd'.repeat(64),
    toolchain: { ...world.deps.toolchain, duckdb: 'v9' },
  };
  const manifest = (await deps.releases.manifest(world.second))!;
  const lineage = (await readLineage(deps.artifacts, manifest))!;
  const found = await reproduce(deps, {
    manifest,
    lineage,
    onMade: (made) => said.push(...made.map(({ what }) => what)),
    say: ({ step = '' }) => said.push(step),
    signal: new AbortController().signal,
  });
  expect(said.slice(0, 3)).toEqual(['code', 'DuckDB', 'features']);
  expect(found.same).toBe(true);
});

it('another λ gives other factors and lists, and says where they differ', async () => {
  const { config } = world.deps;
  const { same, remade } = await again(world.second, {
    config: { ...config, ials: { ...config.ials, lambda: 0.5 } },
  });
  expect(same).toBe(false);
  const [interactions, formula, factors, lists] = remade;
  expect([interactions?.same, formula?.same]).toEqual([true, true]);
  expect(factors?.differences).toEqual([
    expect.stringMatching(/^24 of 24 films have other factors; most, film f\d\d/),
  ]);
  expect(lists?.differences[0]).toMatch(/^viewer [0-9a-f-]{36}: place \d: film f\d\d \(.*\) then, .* now$/);
  expect(lists?.differences.at(-1)).toMatch(/^\d+ of 41 lists differ$/);
});

it('a day of the snapshot with a row less is named', async () => {
  const file = join(world.root, 'events/day=2026-02-28/v=0/events.parquet');
  const whole = readFileSync(file);
  const cut = join(world.root, 'cut.parquet');
  await warehouse.session((session) =>
    session.copy('FROM read_parquet($file) ORDER BY ALL OFFSET 1', cut, { file }),
  );
  cpSync(cut, file);
  const { same, remade } = await again(world.second).finally(() => writeFileSync(file, whole));
  expect(same).toBe(false);
  expect(remade[0]).toMatchObject({ what: 'interactions', same: false });
  expect(remade[0]?.differences).toEqual([
    expect.stringMatching(/^events\/day=2026-02-28\/v=0\/events\.parquet: rows /),
  ]);
});

const signal = new AbortController().signal;
const steps: string[] = [];

async function effect(
  changed: Partial<ReproDeps> = {},
  champion: Partial<ReleaseManifest> = {},
  stop = signal,
) {
  const manifest = { ...(await world.deps.releases.manifest(world.second))!, ...champion };
  const deps = { ...world.deps, codeSha256: 'd'.repeat(64), ...changed };
  return effectOfCode(deps, manifest, stop, (details) => steps.push((details as { step: string }).step));
}

/** The release as if its lists had been stored otherwise. */
const stored = (change: (list: ViewerList) => ViewerList): ReleaseStore => ({
  ...world.deps.releases,
  readLists: async (id) => {
    const reader = await world.deps.releases.readLists(id);
    return {
      ...reader,
      get: (pid) => {
        const list = reader.get(pid);
        return list === null ? null : change(list);
      },
    };
  },
});

describe('what other code does to the champion’s model', () => {
  it('none, when factors and lists come out the same; and the work is shown', async () => {
    expect(await effect()).toEqual({
      kind: 'none',
      says: `the code changed; release ${world.second} made again by today’s code has the same factors and the same films in every personal list`,
    });
    expect(steps[0]).toBe(`release ${world.second} by today’s code: features`);
    expect(steps.some((step) => step.includes('train'))).toBe(true);
  });

  it('none, when only words changed', async () => {
    const reworded = stored((list) => ({
      ...list,
      items: list.items.map((item) => ({ ...item, reason: { ...item.reason, text: 'For you' } })),
    }));
    expect(await effect({ releases: reworded })).toMatchObject({ kind: 'none' });
  });

  it('none, with a note, when only lists that no model makes have other films: no gate judges those', async () => {
    const others = stored((list) =>
      list.servedBy === 'formula' ? { ...list, items: [...list.items].reverse() } : list,
    );
    const found = await effect({ releases: others });
    expect(found.kind).toBe('none');
    expect(found.says).toMatch(
      /every personal list; of the lists that no model makes 1 differ \(viewer [0-9a-f-]{36}: place 1: film/,
    );
  });

  it('unknown, when there is too little to learn from by today’s rules', async () => {
    const { config } = world.deps;
    const manifest = (await world.deps.releases.manifest(world.second))!;
    const found = await effect({}, { config: { ...config, eligibility: { minItemUsers: 1000 } } });
    expect(manifest.model).not.toBeNull();
    expect(found).toEqual({
      kind: 'unknown',
      says: expect.stringMatching(/has no model: nothing was trained: /),
    });
  });

  it('model, when training gives other factors', async () => {
    const { trainer } = world.deps;
    const found = await effect({
      trainer: {
        ...trainer,
        train: (workspace, options) => trainer.train(workspace, { ...options, epochs: 2 }),
      },
    });
    expect(found.kind).toBe('model');
    expect(found.says).toMatch(/the same interactions and other factors$/);
  });

  it('order, when only lists differ', async () => {
    const reordered = stored((list) => ({ ...list, items: [...list.items].reverse() }));
    const found = await effect({ releases: reordered });
    expect(found.kind).toBe('order');
    expect(found.says).toMatch(/other lists \(viewer [0-9a-f-]{36}: place 1: film/);
  });

  it('unknown, with the reason, when it cannot be made again; never an end of the night', async () => {
    expect((await effect({}, { config: { gone: 1 } })).says).toMatch('its config is not one of this version');
    expect((await effect({}, { files: [] })).says).toMatch('the version that made it wrote no lineage');
    const trainer = {
      ...world.deps.trainer,
      train: async () => {
        throw new Error('column "x" is not in the snapshot\nLINE 1: …');
      },
    };
    const broken = await effect({ trainer });
    expect(broken).toEqual({
      kind: 'unknown',
      says: expect.stringMatching(/: column "x" is not in the snapshot$/),
    });
  });

  it('but a night that is stopped, or a full disk, is no answer', async () => {
    const stop = new AbortController();
    stop.abort(new Error('cancelled'));
    await expect(effect({}, {}, stop.signal)).rejects.toThrow();
    const full = async () => {
      throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
    };
    await expect(effect({ trainer: { ...world.deps.trainer, train: full } })).rejects.toThrow(
      'no space left',
    );
  });

  it('unknown, when its snapshot was swept', async () => {
    const { artifacts } = world.deps;
    const swept = {
      ...artifacts,
      read: async (uri: string) => (/02-28/.test(uri) ? null : artifacts.read(uri)),
    };
    expect((await effect({ artifacts: swept })).says).toMatch('4 parts of its snapshot are gone');
  });
});

it('on the command line: lineage and verify of it, and one line for what cannot be made again', async () => {
  const { home } = world;
  const lineage = await run(registerReleases, home, 'releases', 'lineage', world.second);
  expect(lineage.out).toMatch(new RegExp(`^repeatable yes: matinee repro ${world.second}$`, 'm'));
  expect(lineage.out).toMatch(/^2026-02-28 +\d+ /m);
  const shown = await run(registerReleases, home, 'releases', 'card');
  expect(shown.out).toMatch(
    `Release ${world.second}, night of 2026-02-28\n40 of 41 viewers get a list of their own`,
  );
  const page = await run(registerReleases, home, 'releases', 'card', world.second, '--html');
  expect(page.out).toMatch(/^<!doctype html>/);
  const verified = await run(registerVerify, home, 'verify', world.second);
  expect(verified.out).toMatch(`release ${world.second} is as it was written: `);
  const formula = (await world.deps.releases.list()).find(({ kind }) => kind === 'formula')!.releaseId;
  for (const [id, says] of [
    ['x', 'there is no release x; see: matinee releases list\n'],
    [
      formula,
      `${formula} is a release of the formula: its lists are a sum over votes, and no model made them\n`,
    ],
  ] as const) {
    expect(await run(registerRepro, home, 'repro', id)).toMatchObject({ code: 1, err: says });
  }
});
