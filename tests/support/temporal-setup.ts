import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { loadSettings } from '../../src/config.js';
import { openHome } from '../../src/embedded/home.js';
import { startTemporalServer } from '../../src/embedded/temporal-server.js';

declare module 'vitest' {
  interface ProvidedContext {
    temporalAddress: string;
  }
}

/** One dev server for the whole `temporal` project; the product's own resolver and supervisor start it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'matinee-temporal-'));
  const { cache, temporalCli } = loadSettings();
  const server = await startTemporalServer({
    home: await openHome(join(folder, 'home')),
    temporalCli,
    cache,
    report: () => {},
  });
  project.provide('temporalAddress', server.address);
  return async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  };
}
