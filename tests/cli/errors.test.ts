import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { registerApi } from '../../src/cli/api.js';
import { registerBackfill } from '../../src/cli/backfill.js';
import { registerDoctor } from '../../src/cli/doctor.js';
import { registerExplain } from '../../src/cli/explain.js';
import { registerEvaluate } from '../../src/cli/evaluate.js';
import { registerImport } from '../../src/cli/import.js';
import { registerKeys } from '../../src/cli/keys.js';
import { registerNightly } from '../../src/cli/nightly.js';
import { registerQuarantine } from '../../src/cli/quarantine.js';
import { registerRecommend } from '../../src/cli/recommend.js';
import { registerReleases } from '../../src/cli/releases.js';
import { registerRepro } from '../../src/cli/repro.js';
import { registerSimulate } from '../../src/cli/simulate.js';
import { registerSources } from '../../src/cli/sources.js';
import { registerSql } from '../../src/cli/sql.js';
import { registerTop } from '../../src/cli/top.js';
import { registerTune } from '../../src/cli/tune.js';
import { registerUp } from '../../src/cli/up.js';
import { registerVerify } from '../../src/cli/verify.js';
import { registerWorker } from '../../src/cli/worker.js';
import { run } from './program.js';

const folder = mkdtempSync(join(tmpdir(), 'matinee-cli-'));
const path = (name: string) => join(folder, name);
const home = path('home');

beforeAll(() => {
  execFileSync(process.execPath, ['scripts/build.js']); // nothing to do after npm run build
  mkdirSync(path('occupied'));
  const files = {
    'unknown-key.yaml': 'evaluate: { minViewer: 3 }\nlists: { buckets: 3 }\n',
    'broken.yaml': 'lists: [\n',
    'pairs.tsv': '1\t1\t5\n',
    'words.tsv': '1\t1\t5\n1\t2\tfive\n',
    'occupied/notes.md': 'something else',
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(path(name), text);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Register = (program: Command) => void;
/** Every command, with the options that its help must name. */
const COMMANDS: [Register, string, string[]][] = [
  [registerUp, 'up', ['--once', '--port']],
  [
    registerImport,
    'import',
    ['movielens', 'movietweetings', 'csv', '--certificates', '--assume-age', '--json'],
  ],
  [registerNightly, 'nightly', ['--date', '--wait', '--json']],
  [registerBackfill, 'backfill', ['--from', '--to', '--parallel', '--publish', '--wait', '--json']],
  [registerRecommend, 'recommend', ['--limit', '-k', '--json']],
  [registerExplain, 'explain', ['--json']],
  [registerTop, 'top', ['--limit', '-n', '--json']],
  [registerReleases, 'releases list', ['--json']],
  [registerReleases, 'releases show', ['--json']],
  [registerQuarantine, 'quarantine list', ['--json']],
  [registerQuarantine, 'quarantine replay', ['--json']],
  [
    registerEvaluate,
    'evaluate',
    '--train --test --negatives --model --preference --relevant-from -k --seed'.split(' '),
  ],
  [
    registerSimulate,
    'simulate',
    '--viewers --films --days --seed --variant --from --out --format --truth --exposures --mix'.split(' '),
  ],
  [registerSources, 'sources', ['--json']],
  [registerKeys, 'keys create', ['--scope', '--label', '--expires']],
  [
    registerSimulate,
    'simulate live',
    '--nights --viewers --films --days --seed --variant --list --mix --json'.split(' '),
  ],
  [registerTune, 'tune', ['--budget', '--seed', '--json']],
  [registerRepro, 'repro', ['--json']],
  [registerVerify, 'verify', ['--json']],
  [registerSql, 'sql', ['--json']],
  [registerDoctor, 'doctor', ['--fetch', '--json']],
  [registerWorker, 'worker', ['--queues']],
  [registerApi, 'api', ['--port', '--host']],
];

/** Refused while the words are read, before anything is done. */
const WORDS: [Register, string, RegExp][] = [
  [registerNightly, 'nightly --date 2026-02-30', /'--date <day>' argument '2026-02-30' .* YYYY-MM-DD/],
  [registerBackfill, 'backfill --from 2026-01-01', /required option '--to <day>'/],
  [
    registerBackfill,
    'backfill --from 2026-01-02 --to 2026-01-01',
    /^--from 2026-01-02 is after --to 2026-01-01$/,
  ],
  [
    registerBackfill,
    'backfill --from 2026-01-01 --to 2026-01-02 --parallel 0',
    /a whole number from 1 to 16/,
  ],
  [registerRecommend, 'recommend nobody -k 0', /'0' is invalid\. a whole number from 1 to 50/],
  [registerRecommend, 'recommend', /missing required argument 'viewer'/],
  [registerImport, 'import vhs tapes', /'vhs' is invalid .* movielens, movietweetings, csv/],
  [registerUp, 'up --port eighty', /'eighty' is invalid\. expected a whole number from 1 to 65535/],
  [
    registerWorker,
    'worker --queues scorring',
    /^--queues: unknown scorring; known are control, warehouse, training, scoring$/,
  ],
  [registerSimulate, 'simulate --films 3', /'3' is invalid\. expected a whole number from 20 to 1000000/],
  [registerSimulate, 'simulate live --list 51', /'51' is invalid\. expected a whole number from 1 to 50/],
  [registerSimulate, 'simulate --exposures', /^--exposures needs a place for the truth: give --truth FOLDER/],
  [registerReleases, 'releases show x', /^there is no release x; see: matinee releases list$/],
];

describe('in process', () => {
  test.each(COMMANDS)('%o: %s --help names its options', async (register, command, options) => {
    const { code, out, err } = await run(register, home, ...command.split(' '), '--help');
    expect([code, err]).toEqual([0, '']);
    expect(out).toContain(`Usage: matinee ${command}`);
    for (const option of options) expect(out).toContain(option);
  });

  test.each(WORDS)('%o: %s', async (register, words, line) => {
    const { code, out, err } = await run(register, home, ...words.split(' '));
    expect([code, out]).toEqual([1, '']);
    expect(err.trimEnd()).toMatch(line);
    expect(err.trimEnd()).not.toContain('\n');
  });
});

/** bin/matinee.js as a user starts it. */
async function matinee(words: string, env: NodeJS.ProcessEnv = {}) {
  const { PATH, HOME } = process.env;
  const child = spawn(process.execPath, [join(process.cwd(), 'bin/matinee.js'), ...words.split(' ')], {
    cwd: folder,
    env: { PATH, HOME, MATINEE_HOME: home, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  await once(child, 'close');
  return { code: child.exitCode, out, err };
}

/** What is typed, the surroundings, and what the one line must say. */
const MISTAKES: [string, NodeJS.ProcessEnv, RegExp][] = [
  ['nightly --bogus', {}, /^error: unknown option '--bogus'$/],
  ['recommend nobody', {}, /^matinee: nothing has been released yet; run: matinee nightly --wait$/],
  ['sql SHOW', {}, /no night has run in .*: start one with "matinee nightly --wait"$/],
  ['import movielens nowhere', {}, /^matinee: .*nowhere does not exist$/],
  ['evaluate --train nowhere.tsv --test pairs.tsv', {}, /^matinee: nowhere\.tsv cannot be read: ENOENT/],
  [
    'evaluate --train words.tsv --test pairs.tsv',
    {},
    /^matinee: words\.tsv, line 2: rating must be a number/,
  ],
  [
    'worker',
    {},
    /no running `matinee up` in this home: start one, or set DATABASE_URL and TEMPORAL_ADDRESS$/,
  ],
  [
    'top',
    { MATINEE_CONFIG: 'unknown-key.yaml' },
    /unknown-key\.yaml is not valid: lists\.buckets: must be a power of two; evaluate: .*"minViewer"$|"minViewer"; lists\.buckets: must be a power of two$/,
  ],
  ['top', { MATINEE_CONFIG: 'broken.yaml' }, /^matinee: .*broken\.yaml is no YAML: .* at line 2, column 1$/],
  [
    'top',
    { MATINEE_CONFIG: 'nowhere.yaml' },
    /^matinee: MATINEE_CONFIG names .*nowhere\.yaml, which does not exist$/,
  ],
  [
    'nightly',
    { DATABASE_URL: 'nonsense' },
    /^matinee: DATABASE_URL is no Postgres URL: expected postgres:\/\/user/,
  ],
  [
    'nightly',
    { DATABASE_URL: 'postgres://me:secret@127.0.0.1:1/films', TEMPORAL_ADDRESS: '127.0.0.1:1' },
    /^(?!.*secret)matinee: No Postgres can be used at 127\.0\.0\.1:1\/films .*ECONNREFUSED.* is DATABASE_URL right\?$/,
  ],
  [
    'nightly',
    { TEMPORAL_ADDRESS: '127.0.0.1:1' },
    /^matinee: No Temporal server answers at 127\.0\.0\.1:1\. Is it running, and is TEMPORAL_ADDRESS right\?$/,
  ],
  [
    'nightly',
    { TEMPORAL_ADDRESS: 'http://127.0.0.1:7233/' },
    /^matinee: TEMPORAL_ADDRESS is http:.*: expected host:port, such as 127\.0\.0\.1:7233$/,
  ],
  [
    'nightly',
    { MATINEE_HOME: 'occupied' },
    /MATINEE_HOME is .*occupied, which holds other things \(notes\.md…\)/,
  ],
  [
    'nightly',
    { TEMPORAL_CLI: '/nowhere/temporal' },
    /TEMPORAL_CLI is \/nowhere\/temporal, which does not run/,
  ],
];

describe('as a process', () => {
  test.concurrent('--help names every command', async () => {
    const { code, out, err } = await matinee('--help');
    expect([code, err]).toEqual([0, '']);
    const listed = [...out.matchAll(/^ {2}([a-z]+) /gm)].map(([, name]) => name);
    const known = COMMANDS.map(([, command]) => command.split(' ')[0]);
    expect(new Set(listed)).toEqual(new Set([...known, 'help']));
    expect(out).toMatch(/^ {2}up .*start everything/m);
  });

  test.concurrent('help of one command, and a word that is none', async () => {
    expect((await matinee('help releases')).out).toContain('Usage: matinee releases');
    const { code, err } = await matinee('recomend ada');
    expect([code, err]).toEqual([
      1,
      expect.stringMatching(/unknown command 'recomend'\n\(Did you mean recommend\?\)/),
    ]);
  });

  test.concurrent.each(MISTAKES)('%s with %o: one line, exit code 1', async (words, env, line) => {
    const { code, out, err } = await matinee(words, env);
    const said = err.trimEnd().split('\n');
    // progress of evaluate, and where commander tells to look; a stack would be more lines
    const lines = said.filter((text) => !/^reading |^\(add --help for the options\)$/.test(text));
    expect(lines).toEqual([expect.stringMatching(line)]);
    expect([code, out]).toEqual([1, '']);
  });
});
