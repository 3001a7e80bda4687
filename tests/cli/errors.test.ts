import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

/** bin/matinee.js as a user starts it: every help, and every mistake as one clear line with exit code 1. */
const folder = mkdtempSync(join(tmpdir(), 'matinee-cli-'));
const path = (name: string) => join(folder, name);

beforeAll(() => {
  execFileSync(process.execPath, ['scripts/build.js']); // nothing to do after npm run build
  mkdirSync(path('empty-folder'));
  const files = {
    'unknown-key.yaml': 'evaluate: { minViewer: 3 }\n',
    'two.yaml': 'lists: { buckets: 3 }\nials: { k: 0 }\n',
    'broken.yaml': 'lists: [\n',
    'pairs.tsv': '1\t1\t5\n',
    'words.tsv': '1\t1\t5\n1\t2\tfive\n',
    'occupied/notes.md': 'something else',
  };
  mkdirSync(path('occupied'));
  for (const [name, text] of Object.entries(files)) writeFileSync(path(name), text);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function matinee(args: string[], env: NodeJS.ProcessEnv = {}) {
  const { PATH, HOME } = process.env;
  const child = spawn(process.execPath, ['bin/matinee.js', ...args], {
    env: { PATH, HOME, MATINEE_HOME: path('home'), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  await once(child, 'close');
  return { code: child.exitCode, out, err };
}

/** Every command of the design, with the options that its help must name. */
const COMMANDS: Record<string, string[]> = {
  up: ['--once', '--port'],
  'import movielens': ['--certificates', '--assume-age', '--json'],
  nightly: ['--date', '--wait', '--json'],
  backfill: ['--from', '--to', '--parallel', '--publish', '--wait', '--json'],
  recommend: ['--limit', '-k', '--json'],
  top: ['--limit', '-n', '--json'],
  'releases list': ['--json'],
  'releases show': ['--json'],
  'quarantine list': ['--json'],
  'quarantine replay': ['--json'],
  evaluate: [
    '--train',
    '--test',
    '--negatives',
    '--model',
    '--preference',
    '--relevant-from',
    '-k',
    '--seed',
  ],
  sql: ['--json'],
  doctor: ['--fetch', '--json'],
  worker: ['--queues'],
  api: ['--port', '--host'],
};

describe('help', () => {
  test.concurrent('of matinee names every command', async () => {
    const { code, out, err } = await matinee(['--help']);
    expect([code, err]).toEqual([0, '']);
    const listed = [...out.matchAll(/^ {2}([a-z]+) /gm)].map(([, name]) => name);
    const known = new Set(Object.keys(COMMANDS).map((command) => command.split(' ')[0]));
    expect(new Set(listed)).toEqual(new Set([...known, 'help']));
  });

  test.concurrent.each(Object.entries(COMMANDS))('of %s names its options', async (command, options) => {
    const { code, out, err } = await matinee([...command.split(' '), '--help']);
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(/^Usage: matinee /);
    for (const option of options) expect(out).toContain(option);
  });
});

/** What is typed, the surroundings, and what the line must say. */
const nothingReleased = /^matinee: nothing has been released yet; run: matinee nightly --wait$/;
const MISTAKES: [string[], NodeJS.ProcessEnv, RegExp][] = [
  [['nightly', '--bogus'], {}, /^error: unknown option '--bogus'$/],
  [['bogus'], {}, /^error: unknown command 'bogus'$/],
  [['nightly', '--date', '2026-02-30'], {}, /'--date <day>' argument '2026-02-30' .* YYYY-MM-DD/],
  [['backfill', '--from', '2026-01-01'], {}, /required option '--to <day>'/],
  [
    ['backfill', '--from', '2026-01-02', '--to', '2026-01-01'],
    {},
    /--from 2026-01-02 is after --to 2026-01-01/,
  ],
  [['recommend', 'nobody'], {}, nothingReleased],
  [['recommend', 'nobody', '-k', '0'], {}, /'0' is invalid\. a whole number from 1 to 50/],
  [['top'], {}, nothingReleased],
  [['releases', 'show', 'x'], {}, /there is no release x; see: matinee releases list$/],
  [['sql', 'SELECT 1'], {}, /no night has run in .*: start one with "matinee nightly --wait"$/],
  [['import', 'movielens', path('nowhere')], {}, /nowhere does not exist$/],
  [['import', 'movielens', path('empty-folder')], {}, /is no MovieLens folder: expected u\.data and u\.item/],
  [
    ['evaluate', '--train', path('nowhere.tsv'), '--test', path('pairs.tsv')],
    {},
    /nowhere\.tsv cannot be read: ENOENT/,
  ],
  [
    ['evaluate', '--train', path('words.tsv'), '--test', path('pairs.tsv')],
    {},
    /words\.tsv, line 2: rating must be a number/,
  ],
  [
    ['worker', '--queues', 'scorring'],
    {},
    /--queues: unknown scorring; known are control, warehouse, training, scoring$/,
  ],
  [
    ['worker'],
    {},
    /no running `matinee up` in this home: start one, or set DATABASE_URL and TEMPORAL_ADDRESS$/,
  ],
  [
    ['top'],
    { MATINEE_CONFIG: path('unknown-key.yaml') },
    /unknown-key\.yaml is not valid: evaluate: .*"minViewer"$/,
  ],
  [['top'], { MATINEE_CONFIG: path('two.yaml') }, /ials\.k: .*; lists\.buckets: must be a power of two$/],
  [['top'], { MATINEE_CONFIG: path('broken.yaml') }, /broken\.yaml is no YAML: .* at line 2/],
  [
    ['top'],
    { MATINEE_CONFIG: path('nowhere.yaml') },
    /MATINEE_CONFIG names .*nowhere\.yaml, which does not exist$/,
  ],
  [['top'], { WAREHOUSE_URL: 's3://bucket' }, /WAREHOUSE_URL is s3:\/\/bucket: only file:\/\//],
  [['nightly'], { DATABASE_URL: 'nonsense' }, /DATABASE_URL is no Postgres URL: expected postgres:\/\/user/],
  [
    ['nightly'],
    { DATABASE_URL: 'postgres://me:secret@127.0.0.1:1/films', TEMPORAL_ADDRESS: '127.0.0.1:1' },
    /^(?!.*secret).*No Postgres can be used at 127\.0\.0\.1:1\/films .*ECONNREFUSED.* is DATABASE_URL right\?$/,
  ],
  [
    ['nightly'],
    { MATINEE_HOME: path('occupied') },
    /MATINEE_HOME is .*occupied, which holds other things \(notes\.md…\)/,
  ],
  [
    ['nightly'],
    { TEMPORAL_CLI: '/nowhere/temporal' },
    /TEMPORAL_CLI is \/nowhere\/temporal, which does not run/,
  ],
];

const nameOf = (args: string[], env: NodeJS.ProcessEnv) =>
  [...Object.entries(env).map(([key, value]) => `${key}=${value}`), ...args]
    .join(' ')
    .replaceAll(`${folder}/`, '');

describe('mistakes', () => {
  test.concurrent.each(MISTAKES.map(([args, env, line]) => [nameOf(args, env), args, env, line] as const))(
    '%s: one line, exit code 1',
    async (_name, args, env, line) => {
      const { code, out, err } = await matinee(args, env);
      // commander adds where to look; a stack would be many lines
      const [first, ...more] = err
        .trimEnd()
        .split('\n')
        .filter((text) => text !== '(add --help for the options)');
      expect(first).toMatch(line);
      expect(more).toEqual([]);
      expect([code, out]).toEqual([1, '']);
    },
  );
});
