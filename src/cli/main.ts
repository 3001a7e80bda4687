import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { SettingsError } from '../config.js';
import { registerApi } from './api.js';
import { registerBackfill } from './backfill.js';
import { registerDoctor } from './doctor.js';
import { UsageError } from './errors.js';
import { registerEvaluate } from './evaluate.js';
import { registerNightly } from './nightly.js';
import { registerReleases } from './releases.js';
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
  registerNightly,
  registerBackfill,
  registerTop,
  registerReleases,
  registerEvaluate,
  registerSql,
  registerDoctor,
  registerWorker,
  registerApi,
]) {
  register(program);
}

/** Every failure ends in one clear line and exit code 1; a stack only with MATINEE_DEBUG-less surprises (bugs). */
try {
  await program.parseAsync();
} catch (error) {
  const expected = error instanceof UsageError || error instanceof SettingsError;
  process.stderr.write(`matinee: ${expected ? error.message : explain(error)}\n`);
  process.exitCode = 1;
}

function explain(error: unknown): string {
  return error instanceof Error ? `${error.message}\n${error.stack ?? ''}` : String(error);
}
