import { Command, CommanderError } from 'commander';
import { vi } from 'vitest';
import { UsageError } from '../../src/cli/errors.js';

export interface Outcome {
  code: number;
  out: string;
  err: string;
}

/** Runs one command in process over a home, and a database where it needs one, as `matinee <args>` would. */
export async function run(
  register: (program: Command) => void,
  at: string | { home: string; databaseUrl: string },
  ...args: string[]
): Promise<Outcome> {
  let [code, out, err] = [0, '', ''];
  const program = new Command('matinee')
    .exitOverride()
    .configureOutput({ writeErr: (text) => (err += text) });
  register(program);
  const stdout = vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    out += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8');
    return true;
  });
  const { home, databaseUrl } = typeof at === 'string' ? { home: at, databaseUrl: '' } : at;
  vi.stubEnv('MATINEE_HOME', home);
  vi.stubEnv('WAREHOUSE_URL', '');
  vi.stubEnv('DATABASE_URL', databaseUrl);
  try {
    await program.parseAsync(['node', 'matinee', ...args]);
  } catch (error) {
    if (error instanceof UsageError) err += `${error.message}\n`;
    else if (!(error instanceof CommanderError)) throw error;
    code = error instanceof CommanderError ? error.exitCode : 1;
  } finally {
    stdout.mockRestore();
    vi.unstubAllEnvs();
  }
  return { code, out, err };
}
