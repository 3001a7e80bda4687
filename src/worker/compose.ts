import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock, ExtractDeps } from '../activities/deps.js';
import { createArtifactStore } from '../adapters/artifacts/artifact-store.js';
import { createFeeds } from '../adapters/catalogue/feeds.js';
import { createDatasets } from '../adapters/datasets/datasets.js';
import { createAnalystViews } from '../adapters/duckdb/catalogue.js';
import { createWarehouse, duckdbVersion } from '../adapters/duckdb/warehouse.js';
import { createOperationalStore, type PostgresStore } from '../adapters/postgres/operational-store.js';
import { createReleaseStore } from '../adapters/releases/release-store.js';
import { createThreads } from '../adapters/threads/crew.js';
import { createJudge } from '../adapters/threads/judge.js';
import { createTrainer } from '../adapters/threads/trainer.js';
import { hashOf } from '../core/identity/hash.js';
import { createRehearsal } from '../api/rehearsal.js';
import type { Settings } from '../config.js';
import type { Config, Toolchain } from '../contracts/index.js';
import { homePaths, pidKey } from '../embedded/home.js';

export const systemClock: Clock = { now: () => new Date() };

/** What works on the warehouse alone, without servers. `config`: the settings' own, or a release's. */
export function composeWarehouse({ warehouse, projectRoot }: Settings, config: Config) {
  const build = buildOf(projectRoot);
  const threads = createThreads();
  return {
    config,
    clock: systemClock,
    threads,
    trainer: createTrainer(threads),
    judge: createJudge(threads),
    artifacts: createArtifactStore(
      warehouse,
      { ...build, configSha256: hashOf(config), seed: config.ials.seed },
      systemClock,
    ),
    warehouse: createWarehouse({ models: join(projectRoot, 'warehouse'), ...config.warehouse }),
    releases: createReleaseStore(warehouse, systemClock),
    ...build,
  };
}

/** Builds what activities need from the settings: the one place where adapters meet the stages. */
export async function composeDeps(
  settings: Settings,
  databaseUrl: string,
): Promise<{ activities: ExtractDeps; store: PostgresStore; close(): Promise<void> }> {
  const { config } = settings;
  const store = createOperationalStore(databaseUrl, { clock: systemClock, connections: 4 });
  const onWarehouse = composeWarehouse(settings, config);
  const { artifacts, releases } = onWarehouse;
  return {
    activities: {
      ...onWarehouse,
      datasets: createDatasets(),
      feeds: createFeeds(join(settings.home, 'cache', 'catalogue'), settings.sourceKeys),
      analysts: createAnalystViews(artifacts),
      store,
      rehearsal: createRehearsal(settings.warehouse, releases, { config, clock: systemClock }),
      pidKey: await pidKey(homePaths(settings.home)),
    },
    store,
    close: () => store.close(),
  };
}

/** Of the code that runs: hashes that the build wrote down, and the versions beneath it. */
function buildOf(projectRoot: string): { codeSha256: string; toolchain: Toolchain } {
  const { sourceSha256, lockSha256 } = JSON.parse(
    readFileSync(join(projectRoot, 'dist', 'build.json'), 'utf8'),
  ) as { sourceSha256: string; lockSha256: string };
  return {
    codeSha256: sourceSha256,
    toolchain: {
      lockSha256,
      node: process.version,
      duckdb: duckdbVersion(),
      machine: `${process.platform}-${process.arch}`,
    },
  };
}
