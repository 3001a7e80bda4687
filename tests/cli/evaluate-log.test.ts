import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { evaluateFiles } from '../../src/cli/evaluate.js';

const folder = mkdtempSync(join(tmpdir(), 'matinee-evaluate-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Two tastes; one pair of three is of the test part. */
function pairs(name: string, isWanted: (pair: number) => boolean): string {
  const all = Array.from({ length: 900 }, (_, n) => [Math.floor(n / 30), n % 30] as const);
  const lines = all.filter(([u, i]) => u % 2 === i % 2 && isWanted(u + i)).map(([u, i]) => `${u},${i},5`);
  const path = join(folder, name);
  writeFileSync(path, lines.join('\n'));
  return path;
}

test('a log gets one line for each fit: epochs are shown in passing alone', async () => {
  const said: string[] = [];
  const train = pairs('train.csv', (n) => n % 3 !== 0);
  const held = pairs('test.csv', (n) => n % 3 === 0);
  await evaluateFiles(
    { train: [train], test: [held], model: ['als'], preference: 'binary', k: 5, tries: 1 },
    (text) => said.push(text),
  );
  const kept = said.filter((text) => !text.endsWith('%'));
  expect(kept.filter((text) => /epoch \d|loss/.test(text))).toEqual([]);
  expect(kept.filter((text) => text.startsWith('inner split: als'))).toHaveLength(4); // two settings, two rounds
  expect(kept.filter((text) => text.startsWith('test part: als'))).toHaveLength(1);
  expect(said.some((text) => text.startsWith('epoch 2 of'))).toBe(true);
  expect(said.some((text) => text.startsWith('last half-step, loss'))).toBe(true);
});
