import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, describe, expect, test } from 'vitest';
import { createWarehouse } from '../../src/adapters/duckdb/warehouse.js';
import { readFilmFacts } from '../../src/adapters/datasets/film-facts.js';
import { findLayout } from '../../src/adapters/datasets/layouts.js';
import { evaluateFiles, registerEvaluate } from '../../src/cli/evaluate.js';

const folder = mkdtempSync(join(tmpdir(), 'matinee-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, lines: readonly string[], encoding: BufferEncoding = 'utf8'): string {
  const path = join(folder, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, lines.join('\n'), encoding);
  return path;
}

/**
 * Forty viewers, the even ones of genre A, the odd ones of B: each likes six of its genre's twelve known films. Eight rare
 * films, four of each genre, were each seen once, by a viewer of the other genre: behaviour alone misplaces them.
 */
const VIEWERS = 40;
const genreOf = (film: string) => (film.startsWith('a') ? 'A' : 'B');
const letter = (viewer: number) => (viewer % 2 === 0 ? 'a' : 'b');
const known = (viewer: number, n: number) => `${letter(viewer)}${(viewer * 5 + n) % 12}`;
const viewers = Array.from({ length: VIEWERS }, (_, viewer) => viewer);
const rare = (own: string, n: number) => `${own}-rare-${n % 4}`;
const train = write('train.csv', [
  ...viewers.flatMap((viewer) => Array.from({ length: 6 }, (_, n) => `${viewer},${known(viewer, n)},5,${n}`)),
  ...viewers.slice(0, 8).map((viewer) => `${viewer},${rare(letter(viewer + 1), viewer >> 1)},5,9`),
]);
const test_ = write(
  'test.csv',
  viewers.slice(8).map((viewer) => `${viewer},${rare(letter(viewer), viewer >> 1)},5,20`),
);
const films = ['a', 'b'].flatMap((own) => [
  ...Array.from({ length: 12 }, (_, n) => `${own}${n}`),
  ...Array.from({ length: 4 }, (_, n) => rare(own, n)),
]);
const csv = ['film_id,title,genres', ...films.map((film) => `${film},Film ${film},${genreOf(film)}`)];
write('facts/films.csv', csv);
write('facts/ratings.csv', ['user_id,film_id,rating,timestamp', '1,a0,5,1']);

describe('evaluate --facts', () => {
  const run = (facts?: { family: 'csv'; folder: string }) =>
    evaluateFiles(
      { train: [train], test: [test_], model: ['als'], preference: 'binary', k: 5, tries: 0, ...(facts && { facts }) },
      () => undefined,
    ); // prettier-ignore

  test('films that behaviour misplaces are placed by their facts', async () => {
    const [without, withFacts] = [await run(), await run({ family: 'csv', folder: join(folder, 'facts') })];
    expect(without.facts).toBeUndefined();
    expect(withFacts.facts).toEqual({ films: 32, known: 32 });
    expect(withFacts.n).toBe(without.n);
    // behaviour says the other genre, facts say the own one
    expect(without.metrics.auc).toBeLessThan(0.45);
    expect(withFacts.metrics.auc).toBeGreaterThan(0.55);
    expect(withFacts.baselines).toEqual(without.baselines);
  });

  test('a folder without films, and one that is no such folder', async () => {
    write('bare/ratings.csv', ['user_id,film_id,rating,timestamp', '1,a0,5,1']);
    await expect(run({ family: 'csv', folder: join(folder, 'bare') })).rejects.toThrow(
      '--facts: CSV (ratings.csv): there is no file of films beside the ratings',
    );
    await expect(run({ family: 'csv', folder: join(folder, 'nowhere') })).rejects.toThrow('does not exist');
  });
});

test.each(['ml-100k', 'imdb:here', 'csv:'])('refuses --facts %s', async (value) => {
  const program = new Command().exitOverride();
  registerEvaluate(program);
  let said = '';
  for (const command of program.commands) {
    command.exitOverride().configureOutput({ writeErr: (text) => void (said += text) });
  }
  const args = ['evaluate', '--train', train, '--test', test_, '--facts', value];
  await expect(program.parseAsync(args, { from: 'user' })).rejects.toThrow();
  expect(said).toContain('expected a family and a folder, such as movielens:ml-100k');
});

test('facts of a MovieLens 100K folder, read as an import reads them: flags are genres, titles carry years', async () => {
  const flags = (...on: number[]) => Array.from({ length: 19 }, (_, n) => (on.includes(n) ? 1 : 0)).join('|');
  write('ml/u.data', ['1\t1\t5\t881250949']);
  write(
    'ml/u.item',
    [
      `1|Toy Story (1995)|01-Jan-1995||http://example.org|${flags(3, 4, 5)}`,
      `2|Misérables, Les (1995)|01-Jan-1995||http://example.org|${flags(8)}`,
      `3|unknown||||${flags(0)}`,
    ],
    'latin1',
  );
  const warehouse = createWarehouse({ models: 'warehouse', memoryLimit: '1GB', threads: 1 });
  const facts = await readFilmFacts(warehouse, await findLayout('movielens', join(folder, 'ml')));
  const empty = {
    actors: [],
    directors: [],
    countries: [],
    languages: [],
    runtimeMin: null,
    certificates: {},
  };
  expect(Object.fromEntries(facts)).toEqual({
    1: { ...empty, genres: ['Animation', "Children's", 'Comedy'], year: 1995 },
    2: { ...empty, genres: ['Drama'], year: 1995 },
    3: { ...empty, genres: [], year: null },
  });
});

test('facts that no model would read are refused', async () => {
  const facts = { family: 'csv' as const, folder: join(folder, 'facts') };
  const given = { train: [train], test: [test_], preference: 'binary' as const, k: 5, tries: 0 };
  const run = evaluateFiles({ ...given, model: ['ease', 'popularity'], facts }, () => undefined);
  await expect(run).rejects.toThrow('only als has a prior by facts, and --model is ease,popularity');
});
