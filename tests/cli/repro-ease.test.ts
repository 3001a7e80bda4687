import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readLineage } from '../../src/activities/read-lineage.js';
import { type ReproDeps, reproduce } from '../../src/activities/repro/reproduce.js';
import { verifyRelease } from '../../src/cli/verify/verify-release.js';
import { cardPage } from '../../src/core/card/page.js';
import { reproWorld } from './repro-world.js';

let world: Awaited<ReturnType<typeof reproWorld>>;
beforeAll(async () => {
  world = await reproWorld({ model: 'ease', ease: { lambda: 3 } });
}, 60_000);
afterAll(() => world.dispose());

async function again(changed: Partial<ReproDeps> = {}) {
  const deps = { ...world.deps, ...changed };
  const manifest = (await deps.releases.manifest(world.second))!;
  const lineage = (await readLineage(deps.artifacts, manifest))!;
  const { signal } = new AbortController();
  return { lineage, ...(await reproduce(deps, { manifest, lineage, say: () => {}, signal })) };
}

const verify = async () =>
  verifyRelease(world.deps, (await world.deps.releases.manifest(world.second))!, {
    threads: 1,
    say: () => {},
  });

it('a release by EASE starts from nothing, and is made again byte for byte', async () => {
  const { same, remade, lineage } = await again();
  expect(remade.map((each) => [each.what, each.differences])).toEqual([
    ['interactions', []],
    ['formula', []],
    ['factors', []],
    ['lists', []],
  ]);
  expect(same).toBe(true);
  expect(lineage.start).toBeNull();
});

it('a kind chosen by `auto` is made again as it was chosen', async () => {
  const config = { ...world.deps.config, model: 'als' as const };
  expect((await again({ config })).remade.find(({ what }) => what === 'factors')?.same).toBe(true);
});

it('another λ gives other weights, said by film', async () => {
  const config = { ...world.deps.config, ease: { ...world.deps.config.ease, lambda: 4 } };
  const { same, remade } = await again({ config });
  expect(same).toBe(false);
  const factors = remade.find(({ what }) => what === 'factors');
  expect(factors?.differences[0]).toMatch(
    /^24 of 24 films have other weights; most, film f\d\d, for film f\d\d:/,
  );
});

it('manifest, card and page say what kind of model it is', async () => {
  const manifest = (await world.deps.releases.manifest(world.second))!;
  expect(manifest.model).toMatchObject({ kind: 'ease' });
  expect(manifest.model?.k).toBeUndefined();
  expect(manifest.files.find(({ path }) => path === 'model/item-weights.f32')?.bytes).toBe(24 * 24 * 4);
  const card = (await world.deps.releases.readCard(world.second))!;
  expect(card.model).toMatchObject({ kind: 'ease', lambda: 3, films: 24, users: 40 });
  const page = cardPage(card);
  expect(page).toContain('Film by film (EASE)');
  expect(page).toContain('24 films × 24 learnt numbers (576)');
});

it('every list is what weights and history give; another weight is found, and so is another list', async () => {
  const sound = await verify();
  expect(sound.first).toEqual([]);
  expect(sound).toMatchObject({ ok: true, problems: 0, notChecked: [] });
  expect(sound.checked.lists).toBe(41);
  const path = join(world.root, 'releases', world.second, 'model', 'item-weights.f32');
  const bytes = readFileSync(path);
  const spoiled = Buffer.from(bytes);
  spoiled.writeFloatLE(9, 4 * 2); // film f00 for f02
  writeFileSync(path, spoiled);
  try {
    const found = await verify();
    expect(found.ok).toBe(false);
    expect(found.first[0]).toMatchObject({ check: 'file', about: 'model/item-weights.f32' });
    // by the weights themselves, were the file's hash not looked at
    const { releases } = world.deps;
    const manifest = (await releases.manifest(world.second))!;
    const model = await releases.readModel(world.second);
    writeFileSync(path, bytes);
    const blind = { ...world.deps, releases: { ...releases, readModel: async () => model } };
    const lists = await verifyRelease(blind, manifest, { threads: 1, say: () => {} });
    expect(lists.first.some(({ check, about }) => check === 'list' && about.endsWith(', factors'))).toBe(
      true,
    );
  } finally {
    writeFileSync(path, bytes);
  }
});
