import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ReleaseStore, ViewerList } from '../../src/activities/deps.js';
import { effectOfCode } from '../../src/activities/repro/code-effect.js';
import type { ReproDeps } from '../../src/activities/repro/reproduce.js';
import type { ReleaseManifest } from '../../src/contracts/index.js';
import { reproWorld } from '../cli/repro-world.js';

let world: Awaited<ReturnType<typeof reproWorld>>;
beforeAll(async () => {
  world = await reproWorld();
});
afterAll(() => world.dispose());

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
      says: `the code changed; release ${world.second} made again by today’s code has the same factors and the same films in every list`,
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

  it('model, when training gives other factors', async () => {
    const { trainer } = world.deps;
    const found = await effect({
      trainer: { train: (workspace, options) => trainer.train(workspace, { ...options, epochs: 2 }) },
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
    await expect(effect({ trainer: { train: full } })).rejects.toThrow('no space left');
  });

  it('unknown, when its snapshot was swept', async () => {
    rmSync(join(world.root, 'events/day=2026-02-28'), { recursive: true });
    expect((await effect()).says).toMatch('1 parts of its snapshot are gone');
  });
});
