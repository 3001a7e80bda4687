import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { factorDifference } from '../../src/activities/repro/factor-difference.js';
import { createArtifactStore } from '../../src/adapters/artifacts/artifact-store.js';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'matinee-test-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

/** Weights of an EASE model, by film of the row and film of the column. */
async function ease(name: string, films: string[], weightOf: (row: string, column: string) => number) {
  const folder = join(root, name);
  await mkdir(folder);
  const numbers = Float32Array.from(films.flatMap((row) => films.map((column) => weightOf(row, column))));
  const record = { kind: 'ease', lambda: 1, users: 1, films: films.length, recipe: '', warmFrom: null };
  await writeFile(join(folder, 'item-weights.f32'), new Uint8Array(numbers.buffer));
  await writeFile(join(folder, 'films.json'), JSON.stringify(films));
  await writeFile(join(folder, 'model.json'), JSON.stringify(record));
}
const store = () =>
  createArtifactStore(root, { codeSha256: '', configSha256: '' }, { now: () => new Date(0) });
const weight = (row: string, column: string) =>
  row === column ? 0 : row.charCodeAt(0) + column.charCodeAt(0) / 8;

test('weights of EASE are compared film by film, although a new film moves all columns', async () => {
  await ease('then', ['b', 'c', 'd'], weight);
  await ease('now', ['a', 'b', 'c', 'd'], weight);
  expect(await factorDifference(store(), 'then', 'now')).toEqual(['1 films are in the model that were not']);
  await ease('other', ['a', 'b', 'd'], (row, column) => (row + column === 'db' ? 1 : weight(row, column)));
  expect(await factorDifference(store(), 'then', 'other')).toEqual([
    '1 films are not in the model any more, e.g. c',
    '1 films are in the model that were not',
    '1 of 3 films have other weights; most, film d, for film b: 112.25 then, 1 now',
  ]);
});
