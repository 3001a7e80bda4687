import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

/** Tests never see the home of this checkout, with its config and its data; those that need one make it. */
const MATINEE_HOME = join(tmpdir(), `matinee-no-home-${process.pid}`);

/** `unit` needs no server; `temporal` shares one dev server and one Postgres, started once (tests/support/servers.ts). */
export default defineConfig({
  test: {
    pool: 'forks', // with threads, Temporal's native library crashes the process at exit (measured)
    // where CI is set, picocolors colours even what is not a terminal; the tests read plain text
    env: { NO_COLOR: '1', MATINEE_HOME },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['tests/**/*.test.ts'],
          exclude: ['tests/**/*.server.test.ts'],
          testTimeout: 30_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'temporal',
          include: ['tests/**/*.server.test.ts'],
          globalSetup: ['tests/support/temporal-setup.ts'],
          fileParallelism: false,
          testTimeout: 240_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
