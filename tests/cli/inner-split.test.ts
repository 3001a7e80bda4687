import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { loadExperiment } from '../../src/cli/evaluate/experiment.js';
import { innerSplit } from '../../src/cli/evaluate/inner-split.js';

const folder = mkdtempSync(join(tmpdir(), 'matinee-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const load = (train: string, tested: string, negatives?: string) =>
  loadExperiment({ train: [train], test: [tested], negatives, relevantFrom: undefined }, () => undefined);

describe('the part of train that is held back', () => {
  test.each([
    [2, 2],
    [6, 4],
    [16, 5],
  ])(
    'beside %i test pairs the inner split holds back %i of a viewer of 20, none of one of 4',
    async (tested, held) => {
      // 24 train pairs: the test part is 2/26, held to 1/10; 6/30; 16/40, held to 1/4
      const lines = (viewer: string, from: number, to: number) => Array.from({ length: to - from }, (_, n) => `${viewer},${from + n},5`); // prettier-ignore
      const own = file('inner.csv', [...lines('a', 0, 20), ...lines('b', 0, 4)].join('\n'));
      const experiment = await load(own, file('inner-test.csv', lines('b', 4, 4 + tested).join('\n')));
      const inner = innerSplit(experiment, 1);
      expect(Array.from(inner.viewers)).toEqual([0]);
      expect(inner.relevant.film.length).toBe(held);
      expect(inner.train.count).toBe(24 - held);
      const kept = Array.from(inner.train.film.subarray(0, 20 - held));
      expect(new Set([...kept, ...inner.relevant.film]).size).toBe(20);
      expect(innerSplit(experiment, 1).relevant).toEqual(inner.relevant);
      const seeds = [2, 3, 4].map((seed) => innerSplit(experiment, seed).relevant.film.join());
      expect(new Set(seeds).size).toBeGreaterThan(1);
    },
  );

  test('with sampled negatives the newest pair is held back, beside films that the viewer has no pair with', async () => {
    const pairs = Array.from({ length: 6 }, (_, i) => `a,${i},5,${100 + ((i * 5) % 6)}`); // film 1 is the newest
    const own = file('inner-n.csv', [...pairs, 'b,6,5,1', 'b,7,5,1', 'b,8,5,1'].join('\n'));
    const negatives = file('inner-n.negative', '(a,7)\t6\t8\n');
    const experiment = await load(own, file('inner-n-test.csv', 'a,7,5,200\n'), negatives);
    const inner = innerSplit(experiment, 1);
    expect(Array.from(inner.relevant.film)).toEqual([1]);
    const candidates = Array.from(inner.candidates!.film);
    expect(candidates.length).toBe(3);
    expect(candidates[0]).toBe(1);
    expect(candidates.slice(1).every((film) => film >= 6)).toBe(true);
    expect(inner.train.count).toBe(8);
  });
});
