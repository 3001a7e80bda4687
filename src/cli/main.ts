import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { LayoutError } from '../adapters/datasets/layouts.js';
import { SourceConflict } from '../adapters/postgres/bulk-load.js';
import { Unreachable } from '../adapters/unreachable.js';
import { SettingsError } from '../config.js';
import { EmbeddedError, messageOf } from '../embedded/errors.js';
import { registerApi } from './api.js';
import { registerBackfill } from './backfill.js';
import { registerDoctor } from './doctor.js';
import { explain, UsageError } from './errors.js';
import { registerEvaluate } from './evaluate.js';
import { registerImport } from './import.js';
import { registerKeys } from './keys.js';
import { registerNightly } from './nightly.js';
import { registerQuarantine } from './quarantine.js';
import { registerRecommend } from './recommend.js';
import { registerReleases } from './releases.js';
import { registerSimulate } from './simulate.js';
import { registerSources } from './sources.js';
import { registerSql } from './sql.js';
import { registerTop } from './top.js';
import { registerUp } from './up.js';
import { registerWorker } from './worker.js';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

const program = new Command('matinee')
  .description('The nightly recommender of a film service. Start with: matinee up')
  .version(version)
  .showHelpAfterError('(add --help for the options)')
  .enablePositionalOptions();

for (const register of [
  registerUp,
  registerImport,
  registerNightly,
  registerBackfill,
  registerRecommend,
  registerTop,
  registerReleases,
  registerQuarantine,
  registerEvaluate,
  registerSimulate,
  registerSources,
  registerSql,
  registerDoctor,
  registerWorker,
  registerApi,
  registerKeys,
]) {
  register(program);
}

// A terminal or a pipe that was closed takes no more words; what was started must be stopped all the same.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

/** What the user can mend is one clear line; anything else is a bug and shows its stack. */
const EXPECTED = [UsageError, SettingsError, EmbeddedError, Unreachable, LayoutError, SourceConflict];

try {
  await program.parseAsync();
} catch (error) {
  const expected = EXPECTED.some((kind) => error instanceof kind);
  process.stderr.write(`matinee: ${expected ? messageOf(error) : explain(error)}\n`);
  process.exitCode = 1;
}
