import { writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { readLearnt, readModel } from '../../src/activities/model-files.js';
import type { Threads } from '../../src/activities/deps.js';
import { createThreads } from '../../src/adapters/threads/crew.js';
import { createTrainActivities, fitAgain } from '../../src/activities/train.js';
import { sha256 } from '../../src/core/identity/hash.js';
import { CONFIG as EVALUATED, closeWorlds, evaluate, released } from './evaluate-world.js';
import { FACTS, INTERACTIONS, type World, makeWorld, night } from './model-world.js';

const CONFIG = { model: 'ease', ease: { lambda: 5 }, eligibility: { minItemUsers: 5 } };
const worlds: World[] = [];
afterEach(() => {
  worlds.splice(0).forEach((world) => world.close());
  closeWorlds();
});

async function trained(
  config: Record<string, unknown>,
  prepare: (world: World) => void = () => {},
  threads?: Threads,
) {
  const world = makeWorld(config, undefined, threads);
  worlds.push(world);
  const interactions = await world.artifact('r/interactions', INTERACTIONS);
  const films = await world.artifact('r/films', FACTS);
  const features = { interactions, viewers: interactions, films, weightedRating: interactions };
  prepare(world);
  const result = await createTrainActivities(world.deps, world.context).trainCandidate({
    night: night('r'),
    features,
  });
  return { world, features, result };
}

describe('a night by EASE', () => {
  test('trains weights that keep two tastes apart; new films get columns by their facts', async () => {
    const { world, result } = await trained(CONFIG);
    if (result.kind !== 'trained') throw new Error(result.reason);
    expect(result).toMatchObject({ of: 'ease', epochs: 0, losses: [], warm: false });
    const model = await readModel(world.deps, result.model);
    if (model.kind !== 'ease') throw new Error('expected EASE');
    const films = model.filmIds.length;
    expect([films, model.weights.length]).toEqual([40, 1600]);
    expect(model.cold.films.map(({ filmId }) => filmId)).toEqual(['film-042', 'film-043']); // 040, 041 are not new
    const meanOf = (weights: Float32Array, width: number, offset: number, isSame: boolean) => {
      const of = Array.from(weights).filter(
        (_, n) =>
          ((Math.floor(n / width) + (n % width) + offset) % 2 === 0) === isSame &&
          (width !== films || n % width !== Math.floor(n / width)),
      );
      return of.reduce((sum, value) => sum + value) / of.length;
    };
    expect(meanOf(model.weights, films, 0, true)).toBeGreaterThan(
      meanOf(model.weights, films, 0, false) + 0.02,
    );
    expect(meanOf(model.cold.weights, 2, 0, true)).toBeGreaterThan(
      meanOf(model.cold.weights, 2, 0, false) + 0.02,
    );
    expect(world.beats).toContainEqual({ step: 'EASE', done: 100, of: 100, unit: '%' });
    const again = await createTrainActivities(world.deps, world.context).trainCandidate({
      night: night('r'),
      features: (await trained(CONFIG)).features,
    });
    expect(again).toEqual(result); // committed
  });

  test('the same bytes in one thread and with 3 threads, and by a second fit', async () => {
    const one = await trained(CONFIG);
    const three = await trained({ ...CONFIG, ials: { threads: 3 } }, undefined, createThreads());
    if (one.result.kind !== 'trained' || three.result.kind !== 'trained') throw new Error('nothing trained');
    expect(three.result.model.sha256).toBe(one.result.model.sha256);
    const { world, features, result } = one;
    const { sha256: refitted } = await fitAgain(
      world.deps,
      { night: night('r'), features, kind: 'ease' },
      world.controller.signal,
      () => {},
    );
    const path = `${world.deps.artifacts.path(result.kind === 'trained' ? result.model.uri : '')}/item-weights.f32`;
    expect(refitted).toBe(sha256(await readFile(path)));
  });

  test('a catalogue that is too large is refused before anything is taken, with what to change', async () => {
    const { result } = await trained({ ...CONFIG, ease: { maxFilms: 39 } }, ({ deps }) => {
      deps.trainer.fitEase = () => Promise.reject(new Error('fitted'));
    });
    expect(result).toEqual({
      kind: 'skipped',
      reason:
        'EASE holds a weight for each pair of films: 40 films would take 1 MiB, a night 6 times that while it judges, and ease.maxFilms allows 39 (1 MiB); ' +
        'raise it, or set model: als or auto',
    });
  });

  test('cancelled, it ends at once and leaves nothing', async () => {
    const stopped = trained(CONFIG, (world) => {
      const fit = world.deps.trainer.fitEase.bind(world.deps.trainer);
      world.deps.trainer.fitEase = (workspace, options) => {
        world.controller.abort(new Error('cancelled'));
        return fit(workspace, options);
      };
    });
    await expect(stopped).rejects.toThrow('cancelled');
  });
});

describe('judging a night by EASE', () => {
  const config = { ...EVALUATED, model: 'ease', ease: { lambda: 20 } };

  test('its served order is judged, its taste beside it; made twice, like its refit, and its refit is kept', async () => {
    const world = makeWorld(config);
    const { report, verdict } = await evaluate(world);
    expect(report!.scores.map(({ model }) => model)).toEqual([
      'blend',
      'ease',
      'popularity',
      'weighted-rating',
    ]);
    const ndcg = report!.scores.map(({ at }) => at['10']!.ndcg);
    expect(ndcg[0]).toBeGreaterThan(1.3 * ndcg[2]!);
    expect(verdict.gates!.find(({ gate }) => gate === 'G10')).toMatchObject({ state: 'PASS' });
    expect(report!.conditions!.envelope!.overlap).toBeGreaterThan(0.6);
    expect(report!.conditions!.championBytes).toBeNull();
    const twin = await readLearnt(world.deps.artifacts, 'runs/r/evaluate/twin');
    expect([twin.kind, twin.width]).toEqual(['ease', twin.filmIds.length]);
  });

  test('a number that is not one is caught in the columns of new films, too', async () => {
    const { report, verdict } = await evaluate(makeWorld(config), {
      change: ({ deps }) =>
        writeFileSync(
          deps.artifacts.path('runs/r/train/cold-weights.f32'),
          new Uint8Array(Float32Array.of(1, Number.NaN, 2).buffer),
        ),
    });
    expect(report!.conditions!.notFinite).toBe(1);
    expect(verdict.gates!.find(({ gate }) => gate === 'G8')).toMatchObject({ state: 'FAIL' });
  });

  test('after a release by ALS it is another recipe: the champion is refitted as what it is, sizes are not compared', async () => {
    const { world } = await released();
    world.deps.config = makeWorldConfig(config);
    const { report, verdict } = await evaluate(world);
    expect(verdict).toMatchObject({ class: 'recipe-change', changed: ['model', 'ease'] });
    expect(report!.scores.map(({ model }) => model)).toContain('champion');
    expect(report!.conditions!.championBytes).toBeNull();
    expect(verdict.gates!.find(({ gate }) => gate === 'G8')).toMatchObject({ state: 'PASS' });
  });
});

const makeWorldConfig = (config: Record<string, unknown>) => {
  const world = makeWorld(config);
  world.close();
  return world.deps.config;
};
