import { describe, expect, test } from 'vitest';
import { buildCells } from '../../src/core/als/cells.js';
import { type FilmFactors, startFilms } from '../../src/core/als/start.js';
import { createWorkspace, publishedFactors } from '../../src/core/als/workspace.js';
import { listOf } from './als-problem.js';
import { below, normal, randomOf } from '../../src/core/random/random.js';

describe('seeded randomness', () => {
  test('pinned bits: another engine or a changed generator shows here', () => {
    const random = randomOf('pin', 1);
    expect([random.next(), random.next(), random.next()]).toMatchInlineSnapshot(`
      [
        3393650966,
        3602690587,
        291344023,
      ]
    `);
    expect(normal(randomOf('pin', 2))).toMatchInlineSnapshot(`0.06178506393916905`);
  });

  test('keys matter, in order and apart', () => {
    const first = (...key: (string | number)[]) => randomOf(...key).next();
    expect(new Set([first('a', 'b'), first('b', 'a'), first('ab'), first('a', 'b', 0)]).size).toBe(4);
  });

  test('normal deviates have mean 0, variance 1; below(n) is even', () => {
    const random = randomOf('moments');
    const z = Array.from({ length: 20_000 }, () => normal(random));
    const mean = z.reduce((a, b) => a + b) / z.length;
    expect(Math.abs(mean)).toBeLessThan(0.03);
    expect(Math.abs(z.reduce((a, b) => a + (b - mean) ** 2, 0) / z.length - 1)).toBeLessThan(0.04);
    const counts = [0, 0, 0, 0, 0, 0];
    for (let n = 0; n < 12_000; n++) counts[below(random, 6)]!++;
    for (const count of counts) expect(Math.abs(count - 2000)).toBeLessThan(200);
  });
});

describe('start of film factors', () => {
  const hyper = { k: 4, alpha0: 1, lambda: 1, nu: 1 };
  const options = { seed: 7, initSd: 0.1 };
  const target = (films: number) => {
    const { arena, byRow, byColumn } = buildCells(1, films, listOf([]));
    return createWorkspace({ arena, byViewer: byRow, byFilm: byColumn }, hyper);
  };
  const start = (ids: string[], seed = 7, earlier?: FilmFactors) => {
    const workspace = target(ids.length);
    const warm = startFilms(workspace, ids, { ...options, seed }, earlier);
    return { warm, factors: publishedFactors(workspace, workspace.films) };
  };

  test('a film starts the same whatever other films there are, and differently with another seed', () => {
    expect(start(['b', 'a', 'c']).factors.subarray(4, 8)).toEqual(start(['a']).factors);
    expect(start(['a'], 8).factors).not.toEqual(start(['a']).factors);
  });

  test('rows have sd initSd/√k', () => {
    const values = start(Array.from({ length: 20_000 }, (_, i) => `film ${i}`)).factors;
    const variance = values.reduce((sum, v) => sum + v * v, 0) / values.length;
    expect(Math.abs(Math.sqrt(variance) / (0.1 / Math.sqrt(4)) - 1)).toBeLessThan(0.01);
  });

  test('warm: known films keep their factors, new ones are seeded; another k is ignored', () => {
    const earlier = { k: 4, filmIds: ['x', 'a'], factors: Float32Array.from([9, 9, 9, 9, 1, 2, 3, 4]) };
    const both = start(['a', 'b'], 7, earlier);
    expect(both.warm).toBe(1);
    expect(Array.from(both.factors.subarray(0, 4))).toEqual([1, 2, 3, 4]);
    expect(both.factors.subarray(4)).toEqual(start(['b']).factors);
    expect(start(['a', 'b'], 7, { ...earlier, k: 2 })).toEqual({ ...start(['a', 'b']), warm: 0 });
  });
});
