import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { readLearnt } from '../../src/activities/model-files.js';
import { createThreads } from '../../src/adapters/threads/crew.js';
import { createTrainActivities } from '../../src/activities/train.js';
import type { TrainResult } from '../../src/contracts/index.js';
import { FACTS, INTERACTIONS, type World, makeWorld, night } from './model-world.js';

const CONFIG = { ials: { k: 8 }, eligibility: { minItemUsers: 5 } };
const worlds: World[] = [];
afterEach(() => worlds.splice(0).forEach((world) => world.close()));

function world(...args: Parameters<typeof makeWorld>): World {
  const made = makeWorld(...args);
  worlds.push(made);
  return made;
}

async function train(
  w: World,
  runId: string,
  select = INTERACTIONS,
  date?: string,
  facts = FACTS,
): Promise<TrainResult> {
  const interactions = await w.artifact(`runs/${runId}/features/interactions`, select);
  const films = await w.artifact(`runs/${runId}/features/feat_film`, facts);
  const features = { interactions, viewers: interactions, films, weightedRating: interactions };
  return createTrainActivities(w.deps, w.context).trainCandidate({ night: night(runId, date), features });
}

function trained(result: TrainResult): Extract<TrainResult, { kind: 'trained' }> {
  if (result.kind !== 'trained') throw new Error(`expected a model, got: ${result.reason}`);
  return result;
}

describe('trainCandidate', () => {
  test('writes factors, film ids and a card; the two tastes point apart', async () => {
    const w = world(CONFIG);
    const result = trained(await train(w, 'r1'));
    expect(result).toMatchObject({ epochs: 8, warm: false, model: { uri: 'runs/r1/train', rows: 129 } });
    const { filmIds, numbers: factors, width: k } = await readLearnt(w.deps.artifacts, result.model.uri);
    expect(filmIds).toHaveLength(40);
    expect(filmIds).toEqual([...filmIds].sort());
    const dot = (a: number, b: number) =>
      factors.subarray(a * k, a * k + k).reduce((sum, v, j) => sum + v * factors[b * k + j]!, 0);
    const meanCosine = (parity: number) => {
      const pairs = filmIds.flatMap((_, a) =>
        filmIds.flatMap((__, b) => (a < b && (b - a) % 2 === parity ? [[a, b]] : [])),
      );
      const cosines = pairs.map(([a, b]) => dot(a!, b!) / Math.sqrt(dot(a!, a!) * dot(b!, b!)));
      return cosines.reduce((sum, c) => sum + c) / cosines.length;
    };
    expect(meanCosine(0)).toBeGreaterThan(0.3); // films of one taste
    expect(meanCosine(1)).toBeLessThan(0.1); // of different tastes
    expect(w.beats).toContainEqual({ step: 'epoch 8 of 8', done: 8, of: 8, loss: result.losses[7] });
    const said = w.beats as { step?: string; done: number; of: number }[];
    expect(said.filter(({ step = '' }) => step.startsWith('epoch 9'))).toEqual([]);
    expect(said.filter(({ done, of }) => done > of)).toEqual([]);
    expect(said.some(({ step }) => step === 'last half-step')).toBe(true);
    const [factorFile] = await w.deps.artifacts.files(result.model);
    expect((await readFile(factorFile!)).length).toBe(40 * 8 * 4);
  });

  test('the same interactions give the same sha256, in any order, with 1 and 3 threads', async () => {
    const first = trained(await train(world(CONFIG), 'a'));
    const shuffled = `SELECT * FROM (${INTERACTIONS}) ORDER BY md5(film_id || pid)`;
    for (const threads of [1, 3]) {
      const own = world({ ...CONFIG, ials: { k: 8, threads } }, undefined, createThreads());
      const again = await train(own, 'b', shuffled);
      expect(trained(again).model.sha256).toBe(first.model.sha256);
    }
  });

  test('a run that is committed already is returned as it is', async () => {
    const w = world(CONFIG);
    const first = await train(w, 'r1');
    w.deps.trainer.train = () => Promise.reject(new Error('trained twice'));
    expect(await train(w, 'r1')).toEqual(first);
  });

  test('killed after two epochs: the next attempt goes on there, to the same bytes', async () => {
    const expected = trained(await train(world(CONFIG), 'r'));
    const w = world(CONFIG);
    const { trainer } = w.deps;
    const real = trainer.train.bind(trainer);
    const epochs: number[] = [];
    const counting =
      (killAt: number): typeof trainer.train =>
      (workspace, options) =>
        real(workspace, {
          ...options,
          onEpoch: async (done) => {
            await options.onEpoch?.(done);
            epochs.push(done.epoch);
            if (done.epoch === killAt) throw new Error('killed');
          },
        });
    trainer.train = counting(2);
    await expect(train(w, 'r')).rejects.toThrow('killed');
    trainer.train = counting(-1);
    const resumed = trained(await train(w, 'r'));
    expect(epochs).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(resumed.model.sha256).toBe(expected.model.sha256);
    expect(resumed.losses).toEqual(expected.losses);
    expect(await readdir(w.deps.artifacts.path('runs/r'))).not.toContainEqual(expect.stringContaining('tmp'));
  });

  test('a full disk ends the night, and the checkpoint gives its room back', async () => {
    const w = world(CONFIG);
    const real = w.deps.trainer.train.bind(w.deps.trainer);
    w.deps.trainer.train = (workspace, options) =>
      real(workspace, {
        ...options,
        onEpoch: async (done) => {
          await options.onEpoch?.(done);
          throw Object.assign(new Error('write'), { code: 'ENOSPC' });
        },
      });
    await expect(train(w, 'r')).rejects.toMatchObject({ code: 'ENOSPC' }); // DiskFull by the worker's interceptor
    expect(await readdir(w.deps.artifacts.path('runs/r'))).toEqual(['features']);
  });

  test('a checkpoint of other data is ignored', async () => {
    const w = world(CONFIG);
    const real = w.deps.trainer.train.bind(w.deps.trainer);
    w.deps.trainer.train = (workspace, options) =>
      real(workspace, {
        ...options,
        onEpoch: async (done) => {
          await options.onEpoch?.(done);
          throw new Error('killed');
        },
      });
    await expect(train(w, 'r')).rejects.toThrow('killed');
    w.deps.trainer.train = real;
    await w.deps.artifacts.remove('runs/r/features/interactions');
    await w.deps.artifacts.remove('runs/r/features/feat_film');
    const other = `SELECT * REPLACE (900000 AS w_micro) FROM (${INTERACTIONS})`;
    const expected = trained(await train(world(CONFIG), 'r', other));
    expect(trained(await train(w, 'r', other)).model.sha256).toBe(expected.model.sha256);
  });

  test('eligibility: films with few raters and viewers without positives stay out', async () => {
    const w = world({ ials: { k: 4 }, eligibility: { minItemUsers: 3, minUserPos: 2 } });
    const rows = [
      ['1', 'a', 1], ['1', 'b', 1], ['2', 'a', 1], ['2', 'b', 1], ['3', 'a', 1], ['3', 'b', 0], ['3', 'c', 1],
      ['4', 'a', null], ['4', 'b', 1], ['4', 'c', 1], ['5', 'é', 1],
    ] as const; // prettier-ignore
    const values = rows.map(([u, film, p]) => `(${u}, '${film}', ${p === null ? 'NULL' : p})`).join(', ');
    const result = trained(
      await train(
        w,
        'r',
        `SELECT 0 AS bucket, (lpad(u::VARCHAR, 8, '0') || '-0000-0000-0000-000000000000')::UUID AS pid, film_id,
                p::TINYINT AS preference, if(p IS NULL, 0, 500000)::INTEGER AS w_micro,
                TIMESTAMP '2024-06-01' - to_hours(if(film_id = 'a', 30, 24 * u)) AS last_at
         FROM (VALUES ${values}) AS t(u, film_id, p)`,
      ),
    );
    const { filmIds } = await readLearnt(w.deps.artifacts, result.model.uri);
    expect(filmIds).toEqual(['a', 'b']); // c and é have fewer than 3 raters; an unobserved cell is no rating
    // a: three likes, each one whole day old: 3 × 2^(−1/3). b: likes 1, 2 and 4 days old; a dislike is no part of a trend
    const standing = JSON.parse(
      await readFile(join(w.deps.artifacts.path(result.model.uri), 'standing.json'), 'utf8'),
    );
    expect(standing).toEqual([
      { positives: 3, trendMicro: 3 * 793_701 },
      { positives: 3, trendMicro: 793_701 + 629_961 + 396_850 },
    ]);
    const manifest = await w.deps.artifacts.read('runs/r/train');
    expect(manifest?.facts['card']).toMatchObject({ users: 2, films: 2 }); // 3 and 4 have one positive left
  });

  test('too little to learn from is a value with the reason', async () => {
    const w = world({ eligibility: { minItemUsers: 1000 } });
    expect(await train(w, 'r')).toEqual({
      kind: 'skipped',
      reason:
        '0 films have 1000 raters or more and 0 viewers have 1 positive interactions with them or more; a model needs at least 2 and 2',
    });
  });

  test('divergence is a permanent failure', async () => {
    const w = world({ ...CONFIG, ials: { k: 8, initSd: 1e300 } });
    await expect(train(w, 'r')).rejects.toMatchObject({ type: 'ModelDiverged', nonRetryable: true });
  });

  test('a cancelled night ends training with its reason', async () => {
    const w = world({ ...CONFIG, ials: { k: 8, epochsCold: 100_000 } }, undefined, createThreads());
    setTimeout(() => w.controller.abort(new Error('cancelled')), 700);
    await expect(train(w, 'r')).rejects.toThrow('cancelled');
  });
});
