import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { builtFile } from '../../src/adapters/threads/built-file.js';
import { createThreads } from '../../src/adapters/threads/crew.js';
import { createJudge } from '../../src/adapters/threads/judge.js';
import { createTrainer } from '../../src/adapters/threads/trainer.js';
import { soloTeam } from '../../src/core/als/phases.js';
import { ModelDiverged, trainIals } from '../../src/core/als/train.js';
import type { Workspace } from '../../src/core/als/workspace.js';
import { percentileInterval, resampleMeans } from '../../src/core/metrics/bootstrap.js';
import { createSimdKernel } from '../../src/kernels/simd/kernel.js';
import { HYPER, randomProblem } from '../core/als-problem.js';

const folder = mkdtempSync(join(tmpdir(), 'matinee-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const threads = createThreads();
const trainer = createTrainer(threads);
const problem = () => randomProblem(150, 120, { hyper: { ...HYPER, k: 12 } });
const hashOf = ({ films, viewers }: Workspace) =>
  createHash('sha256').update(films.factors).update(viewers.factors).digest('hex');

/** A module of units, written for one test. */
function moduleOf(name: string, source: string): URL {
  const file = join(folder, `${name}.mjs`);
  writeFileSync(file, source);
  return pathToFileURL(file);
}

describe('training in threads', () => {
  test('1, 2 and 4 threads and no thread at all give the same bytes', async () => {
    const alone = problem();
    const losses = await trainIals(alone, soloTeam(alone, createSimdKernel(alone.memory, 12)), {
      epochs: 3,
      solver: 'cg',
    });
    for (const count of [1, 2, 4]) {
      const workspace = problem();
      expect(await trainer.train(workspace, { epochs: 3, solver: 'cg', threads: count })).toEqual(losses);
      expect(hashOf(workspace)).toBe(hashOf(alone));
    }
  });

  test('progress ends each epoch at all rows', async () => {
    const seen: string[] = [];
    await trainer.train(problem(), {
      epochs: 2,
      solver: 'cg',
      threads: 2,
      onProgress: ({ epoch, rows, of }) => seen.push(`${epoch} ${rows}/${of}`),
    });
    expect(seen).toContain('1 270/270');
    expect(seen).toContain('2 270/270');
    expect(seen.at(-1)).toMatch(/^3 /); // the last half-step, which is no epoch
  });

  test('abort ends the threads in the middle of the work', async () => {
    const controller = new AbortController();
    const run = trainer.train(randomProblem(1500, 800, { hyper: { ...HYPER, k: 64 } }), {
      epochs: 1000,
      solver: 'cg',
      threads: 2,
      signal: controller.signal,
      onEpoch: () => controller.abort(new Error('night cancelled')),
    });
    await expect(run).rejects.toThrow('night cancelled');
    await expect(
      trainer.train(problem(), { epochs: 1, solver: 'cg', threads: 1, signal: controller.signal }),
    ).rejects.toThrow('night cancelled');
  });

  test('divergence arrives as ModelDiverged', async () => {
    const workspace = problem();
    workspace.films.factors.fill(Number.NaN);
    await expect(trainer.train(workspace, { epochs: 1, solver: 'cg', threads: 2 })).rejects.toThrow(
      ModelDiverged,
    );
  });
});

describe('a crew', () => {
  test('runs every unit of every phase once and hands results back', async () => {
    const module = moduleOf(
      'squares',
      'export const createUnitRunner = ({ add }) => (phase, unit) => phase + ":" + (unit * unit + add);',
    );
    const crew = await threads.crew({ module, data: { add: 1 }, threads: 3 });
    const results = new Map<number, unknown>();
    const progress: number[] = [];
    await crew.run('a', 50, {
      onResult: (unit, result) => results.set(unit, result),
      onProgress: (done) => progress.push(done),
    });
    expect(results.size).toBe(50);
    expect(results.get(7)).toBe('a:50');
    expect(progress.at(-1)).toBe(50);
    await crew.run('b', 2, { onResult: (unit, result) => results.set(unit, result) });
    expect(results.get(1)).toBe('b:2');
    await crew.run('none', 0);
    await crew.stop();
  });

  test('an error in a unit rejects the run with its message', async () => {
    const module = moduleOf(
      'broken',
      'export const createUnitRunner = () => (_phase, unit) => { if (unit === 3) throw new Error("unit 3 is bad"); };',
    );
    const crew = await threads.crew({ module, data: null, threads: 2 });
    await expect(crew.run('x', 10)).rejects.toThrow('unit 3 is bad');
  });

  test('a thread that exits rejects the run', async () => {
    const module = moduleOf('quits', 'export const createUnitRunner = () => () => process.exit(7);');
    const crew = await threads.crew({ module, data: null, threads: 1 });
    await expect(crew.run('x', 10)).rejects.toThrow('worker thread ended early with code 7');
  });

  test('a file that is not built is named, with the command', () => {
    const missing = new URL('../../src/adapters/threads/nothing.ts', import.meta.url);
    expect(() => builtFile(missing)).toThrow(
      /dist\/adapters\/threads\/nothing\.js does not exist: run `npm run build`/,
    );
  });
});

describe('bootstrap in threads', () => {
  test('equals the same resamples in one go, for any number of threads', async () => {
    const differences = Float64Array.from({ length: 90 }, (_, n) => (n % 3) - 0.8);
    const means = new Float64Array(230);
    resampleMeans(differences, 5, 0, 230, means);
    const expected = percentileInterval(differences, means);
    const judge = createJudge(threads);
    for (const count of [1, 3]) {
      expect(await judge.interval(differences, { seed: 5, resamples: 230, threads: count })).toEqual(
        expected,
      );
    }
  });
});
