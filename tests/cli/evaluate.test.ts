import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Command } from 'commander';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { createJudge } from '../../src/adapters/threads/judge.js';
import { createTrainer } from '../../src/adapters/threads/trainer.js';
import { inlineThreads } from '../support/inline-threads.js';
import { type Evaluation, evaluateFiles, registerEvaluate } from '../../src/cli/evaluate.js';
import { chosenAls, chosenFirst } from '../../src/cli/evaluate/choose.js';
import { loadExperiment } from '../../src/cli/evaluate/experiment.js';
import { detectLayout, fieldsOf } from '../../src/cli/evaluate/layout.js';
import { measure } from '../../src/cli/evaluate/measure.js';
import { Pairs } from '../../src/cli/evaluate/pairs.js';
import { signalWeights } from '../../src/cli/evaluate/preferences.js';
import { configSchema } from '../../src/contracts/config.js';

const folder = mkdtempSync(join(tmpdir(), 'matinee-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, name.endsWith('.gz') ? gzipSync(text) : text);
  return path;
}

const quiet = () => undefined;
const load = (train: string, test: string, more: { negatives?: string; relevantFrom?: number } = {}) =>
  loadExperiment(
    { train: [train], test: [test], negatives: more.negatives, relevantFrom: more.relevantFrom },
    quiet,
  );

describe('layouts', () => {
  test.each([
    ['tabs', ['196\t242\t3\t881250949'], { separator: '\t', header: false }],
    ['double colons', ['1::114508::8::1381006850'], { separator: '::', header: false }],
    [
      'a MovieLens header',
      ['userId,movieId,rating,timestamp', '1,31,2.5,1260759144'],
      { separator: ',', header: true },
    ],
    ['blanks', ['1 31 4', '2 31 5'], { separator: ' ', header: false }],
    ['two columns', ['1,31', '2,31'], { separator: ',', header: false }],
  ] as const)('table with %s', (_name, lines, expected) => {
    expect(detectLayout('f', [...lines])).toMatchObject({ kind: 'table', ...expected });
  });

  test('a header that names no viewer and film', () => {
    expect(() => detectLayout('f', ['who;what;how much', '1;31;2.5'])).toThrow(
      'its header (who, what, how much) names no viewer and film',
    );
  });

  test('columns by header, in any order; extra ones are no matter', () => {
    expect(detectLayout('f', ['timestamp,movie_id,title,user,stars', '1,2,x,3,4'])).toMatchObject({
      columns: { viewer: 3, film: 1, rating: 4, at: 0 },
    });
  });

  test('lines of viewer film film …', () => {
    expect(detectLayout('f', ['0 1 2', '1 5 6 7 8 9'])).toEqual({ kind: 'adjacency', separator: ' ' });
    expect(detectLayout('f', ['0 1 2 3 4 5'])).toEqual({ kind: 'adjacency', separator: ' ' });
  });

  test('quotes and blanks around fields go', () => {
    expect(fieldsOf('"1", 31 ,"4.5"', ',')).toEqual(['1', '31', '4.5']);
  });

  test('nothing to tell it from', () => {
    expect(() => detectLayout('f', [''])).toThrow('f is empty');
    expect(() => detectLayout('f', ['alone'])).toThrow('f, line 1: expected viewer and film');
  });
});

describe('experiment', () => {
  test('unknown viewers and films are dropped, train pairs too; ids are in text order', async () => {
    const train = file('train.tsv', 'v1\tb\t4\t10\nv1\ta\t3\t11\nv2\tb\t5\t12\nv3\tc\t5\t12\n');
    const test_ = file('test.tsv', 'v1\tb\t5\t20\nv1\tc\t5\t21\nv2\tz\t5\t22\nv9\ta\t5\t23\nv3\ta\t2\t24\n');
    const experiment = await load(train, test_);
    expect(experiment.films).toEqual(['a', 'b', 'c']);
    expect(Array.from(experiment.viewers)).toEqual([0, 2]); // v2's film is unknown, v9 is
    expect(Array.from(experiment.relevant.film)).toEqual([2, 0]); // v1: c (b was trained on); v3: a
    const strict = await load(train, test_, { relevantFrom: 3 });
    expect(Array.from(strict.viewers)).toEqual([0]);
  });

  test('the newest of repeated pairs counts, in train and in test', async () => {
    const train = file('repeated.csv', 'u,a,2,20\nu,a,5,10\nu,b,1,1\nw,c,1,1\n');
    const test_ = file('repeated-test.csv', 'u,c,1,30\nu,c,5,20\n');
    const { train: pairs } = await load(train, test_);
    expect(pairs.count).toBe(3);
    expect(pairs.rating[0]).toBe(2);
    await expect(load(train, test_, { relevantFrom: 4 })).rejects.toThrow('no viewer of the train files');
  });

  test('.gz, CRLF, a header and a missing rating', async () => {
    const train = file('train.csv.gz', 'userId,movieId,rating\r\n1,10,\r\n1,11,4\r\n2,12,3\r\n');
    const { train: pairs, films } = await load(train, file('t.csv', '1,12\n'));
    expect(films).toEqual(['10', '11', '12']);
    expect(Array.from(pairs.rating.subarray(0, 3))).toEqual([1, 4, 3]);
  });

  test('1+99: candidates are the test film and its negatives', async () => {
    const train = file('n-train.tsv', '0\t5\t1\t1\n1\t6\t1\t1\n1\t7\t1\t1\n');
    const experiment = await load(train, file('n-test.tsv', '0\t7\t1\t2\n1\t5\t1\t2\n'), {
      negatives: file('n.negative', '(0,7)\t6\t99\n'),
    });
    expect(experiment.protocol).toBe('1+2');
    expect(Array.from(experiment.viewers)).toEqual([0]); // viewer 1 has no negatives
    expect(Array.from(experiment.candidates!.film)).toEqual([1, 2]); // 6 and 7; 99 is unknown
  });

  test('--seen: neither relevant nor listed, nor trained on', async () => {
    const train = file('s-train.csv', 'u,a\nu,b\nv,c\nv,d\n');
    const experiment = await loadExperiment(
      {
        train: [train],
        test: [file('s-test.csv', 'u,c\nu,d\n')],
        seen: [file('s-seen.csv', 'u,c\nu,z\n')],
        negatives: undefined,
        relevantFrom: undefined,
      },
      quiet,
    );
    expect(experiment.train.count).toBe(4);
    expect(Array.from(experiment.relevant.film)).toEqual([3]);
    expect(Array.from(experiment.seen.film.subarray(0, experiment.seen.count))).toEqual([2]);
    const compute = {
      threads: inlineThreads,
      trainer: createTrainer(inlineThreads),
      judge: createJudge(inlineThreads),
    };
    const options = { models: ['popularity' as const], preference: 'binary' as const, k: 1, config: configSchema.parse({}), easeLambda: 1, say: quiet }; // prettier-ignore
    const { metrics } = await measure(experiment, options, compute);
    expect(metrics.popularity!.ndcg).toBe(1); // d is the only candidate left; with c it would be second
  });

  test.each([
    ['a word as rating', 'u\ta\t4\nu\tb\tgood\n', 'line 2: rating must be a number; got "u\tb\tgood"'],
    ['a word as timestamp', 'u\ta\t4\t1\nu\tb\t4\tmay\n', 'line 2: timestamp must be a number'],
    ['a truncated line', 'u,a,4\nu\n', 'line 2: expected a viewer and a film; got "u"'],
  ])('%s names file, line and field', async (_name, text, message) => {
    const name = file('bad.txt', text);
    await expect(load(name, name)).rejects.toThrow(`${name}, ${message}`);
  });

  test('a file that is not there, and a broken .gz', async () => {
    await expect(load(join(folder, 'nothing'), join(folder, 'nothing'))).rejects.toThrow('ENOENT');
    const broken = join(folder, 'broken.gz');
    writeFileSync(broken, 'no gzip');
    await expect(load(broken, broken)).rejects.toThrow('incorrect header check');
  });
});

test('signals: the rating row of the signal table, by hand', () => {
  const pairs = new Pairs();
  // scale ends at 5, so ratings double: 10, 2, 6; mean 6 = C; b_u = (18 + 60) / 13 = 6
  const day = 86_400;
  pairs.push(0, 0, 5, 365 * day); // (10 − 6)/2.5 = 1.6
  pairs.push(0, 1, 1, 730 * day); // (2 − 6)/2.5 = −1.6 → clipped to −1.5 → w = 1
  pairs.push(0, 2, 3, 730 * day); // 0: no cell
  const weights = signalWeights(pairs, 1, configSchema.parse({}).feedback);
  expect(Array.from(weights)).toEqual([800_000, -1_000_000, 0]); // a year is one half-life
});

describe('the command', () => {
  const lines = (parity: (u: number, i: number) => boolean) =>
    Array.from({ length: 30 }, (_, u) =>
      Array.from({ length: 30 }, (__, i) => i)
        .filter((i) => u % 2 === i % 2 && parity(u, i))
        .map((i) => `${u},${i},5`),
    ).flat().join('\n'); // prettier-ignore
  const train = file(
    'taste-train.csv',
    lines((u, i) => (u + i) % 3 !== 0),
  );
  const test_ = file(
    'taste-test.csv',
    lines((u, i) => (u + i) % 3 === 0),
  );

  test('evaluateFiles: shape, baselines, the model ahead of popularity; the same twice', async () => {
    const run = () =>
      evaluateFiles(
        { train: [train], test: [test_], model: ['als'], preference: 'binary', k: 5, tries: 0, seed: 3 },
        quiet,
      );
    const first = await run();
    expect(first).toMatchObject({ model: 'als', k: 5, protocol: 'full', n: 30 });
    expect(Object.keys(first.baselines)).toEqual(['popularity', 'weighted-rating']);
    expect(first.metrics.ndcg).toBeGreaterThan(1.4 * first.baselines.popularity!.ndcg);
    expect(first.cpuSeconds).toBeGreaterThan(0);
    const { mean, lower, upper } = first.ahead!;
    expect(mean).toBeCloseTo(first.metrics.ndcg - first.baselines.popularity!.ndcg, 12);
    expect(0 < lower && lower < mean && mean < upper).toBe(true);
    const second = await run();
    expect([second.metrics, second.baselines]).toEqual([first.metrics, first.baselines]);
  });

  test('auto tries ALS and every λ of EASE on a part of train, and measures the best on the test part', async () => {
    const auto = await evaluateFiles(
      { train: [train], test: [test_], model: ['auto', 'ease'], preference: 'binary', k: 5, tries: 1 },
      quiet,
    );
    const tried = auto.tried ?? [];
    expect(tried[0]!.score).toBeGreaterThanOrEqual(0.995 * Math.max(...tried.map(({ score }) => score)));
    const lambdas = tried.filter(({ model }) => model === 'ease').map(({ lambda }) => lambda);
    expect(lambdas.sort((a, b) => a - b)).toEqual([100, 250, 500, 1000, 2000]);
    // the config's own setting, and a drawn one
    const als = tried.filter(({ model }) => model === 'als');
    expect(als.length).toBe(2);
    expect(als.some(({ k, alpha0, lambda }) => k === 64 && alpha0 === 0.3 && lambda === 0.007)).toBe(true);
    expect(auto.model).toBe(tried[0]!.model);
    expect(Object.keys(auto.baselines)).toContain('ease');
    expect(auto.metrics.ndcg).toBeGreaterThan(1.4 * auto.baselines.popularity!.ndcg);
  });

  test('of settings of ALS that are as good, the config’s own is chosen', () => {
    const { ials } = configSchema.parse({});
    const own = { model: 'als' as const, k: ials.k, alpha0: ials.alpha0, lambda: ials.lambda, score: 0.2 };
    const drawn = (score: number) => ({ ...own, k: 128, score });
    const ease = { model: 'ease' as const, lambda: 500, score: 0.3 };
    expect(chosenAls([drawn(0.2009), own], ials)).toBe(own);
    expect(chosenAls([drawn(0.2011), own], ials)).toMatchObject({ k: 128 });
    expect(chosenAls([], ials)).toBeUndefined();
    expect(chosenFirst([ease, drawn(0.2009), own], own).map(({ score }) => score)).toEqual([
      0.3, 0.2, 0.2009,
    ]);
  });

  test('--json prints the contract; popularity as the model needs no training', async () => {
    const program = new Command();
    registerEvaluate(program);
    const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    const said = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    try {
      const args = ['--train', train, '--test', test_, '--model', 'popularity', '--json'];
      await program.parseAsync(['node', 'matinee', 'evaluate', ...args]);
      const printed = JSON.parse(write.mock.calls.map(([text]) => text).join('')) as Evaluation;
      expect(Object.keys(printed)).toEqual(
        ['model', 'k', 'protocol', 'n', 'metrics', 'baselines', 'seconds', 'cpuSeconds', 'peakMiB'], // prettier-ignore
      );
      expect(Object.keys(printed.metrics)).toEqual(
        ['ndcg', 'recall', 'precision', 'f1', 'map', 'mrr', 'hit', 'auc', 'coverage'], // prettier-ignore
      );
      expect(printed).toMatchObject({ model: 'popularity', k: 10, metrics: printed.baselines.popularity });
    } finally {
      write.mockRestore();
      said.mockRestore();
    }
  });

  test('the table has a model once, though it is a baseline, too', async () => {
    const program = new Command();
    registerEvaluate(program);
    const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    const said = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    try {
      const args = ['--train', train, '--test', test_, '--model', 'popularity'];
      await program.parseAsync(['node', 'matinee', 'evaluate', ...args]);
      const lines = write.mock.calls.map(([text]) => text).join('').split('\n'); // prettier-ignore
      expect(lines.filter((line) => line.startsWith('popularity '))).toHaveLength(1);
    } finally {
      write.mockRestore();
      said.mockRestore();
    }
  });

  test.each([
    [['--train', 'x'], "required option '--test <files...>' not specified"],
    [
      ['--train', 'x', '--test', 'y', '--model', 'magic'],
      'magic is not one of auto, als, ease, popularity, weighted-rating',
    ],
    [['--train', 'x', '--test', 'y', '-k', '0'], 'expected a whole number from 1'],
    [['--train', 'x', '--test', 'y', '--relevant-from', 'x'], 'expected a number'],
    [['--train', 'x', '--test', 'y', '--preference', 'x'], 'Allowed choices are binary, signals'],
  ])('refuses %j', async (args, message) => {
    const program = new Command();
    registerEvaluate(program);
    let said = '';
    const silent = (command: Command) =>
      command.exitOverride().configureOutput({ writeErr: (text) => void (said += text) });
    silent(program);
    program.commands.forEach(silent);
    await expect(program.parseAsync(['node', 'matinee', 'evaluate', ...args])).rejects.toThrow();
    expect(said).toContain(message);
  });
});

const data = process.env['MATINEE_TEST_DATA'];
const u1 = data === undefined ? '' : join(data, 'ml-100k', 'u1.base');
describe.skipIf(!existsSync(u1))('ml-100k u1 (set MATINEE_TEST_DATA to a folder that holds ml-100k)', () => {
  test('popularity reproduces .325 / .098, ALS is 1.4 times better', async () => {
    const found: Evaluation = await evaluateFiles(
      {
        train: [u1],
        test: [u1.replace('base', 'test')],
        model: ['als'],
        preference: 'binary',
        k: 10,
        tries: 0,
      },
      quiet,
    );
    expect(found.n).toBe(459);
    expect(found.baselines.popularity!.ndcg).toBeCloseTo(0.325, 3);
    expect(found.baselines.popularity!.recall).toBeCloseTo(0.098, 3);
    expect(found.metrics.ndcg).toBeGreaterThan(1.4 * found.baselines.popularity!.ndcg);
  });
});
