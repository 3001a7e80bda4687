import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PidKey } from '../activities/deps.js';
import { createArtifactStore } from '../adapters/artifacts/artifact-store.js';
import { canonicalJson, sha256Of } from '../adapters/artifacts/hash.js';
import { createDatasets } from '../adapters/datasets/datasets.js';
import { createWarehouse } from '../adapters/duckdb/warehouse.js';
import { migrate } from '../adapters/postgres/migrate.js';
import { createOperationalStore, type PostgresStore } from '../adapters/postgres/operational-store.js';
import { type Settings, SettingsError } from '../config.js';

/** What commands that work on the store and the warehouse need. */
export interface StoreContext {
  settings: Settings;
  store: PostgresStore;
  artifacts: ReturnType<typeof createArtifactStore>;
  warehouse: ReturnType<typeof createWarehouse>;
  datasets: ReturnType<typeof createDatasets>;
  config: Settings['config'];
  pidKey: PidKey;
  clock: { now(): Date };
}

/** Connects to the operational store, brings it to this version, and gives it back when `work` ends. */
export async function withStore<T>(
  settings: Settings,
  work: (context: StoreContext) => Promise<T>,
): Promise<T> {
  const { databaseUrl, projectRoot, config } = settings;
  if (databaseUrl === undefined)
    throw new SettingsError('DATABASE_URL is not set: expected postgres://user@host:port/database');
  await migrate(databaseUrl);
  const clock = { now: () => new Date() };
  const store = createOperationalStore(databaseUrl, { clock });
  try {
    return await work({
      settings,
      store,
      config,
      clock,
      pidKey: await readPidKey(settings.home),
      datasets: createDatasets(),
      artifacts: createArtifactStore(
        settings.warehouse,
        { codeSha256: await codeSha256(projectRoot), configSha256: sha256Of(canonicalJson(config)) },
        clock,
      ),
      warehouse: createWarehouse({ models: join(projectRoot, 'warehouse'), ...config.warehouse }),
    });
  } finally {
    await store.close();
  }
}

/** The pseudonym key of the home, made by whoever needs it first; of two at once, one makes it and both read it. */
async function readPidKey(home: string): Promise<PidKey> {
  const folder = join(home, 'secrets');
  const file = join(folder, 'pid-v1.key');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeFile(file, randomBytes(32), { flag: 'wx', mode: 0o600 }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    },
  );
  return { version: 1, key: await readFile(file) };
}

async function codeSha256(projectRoot: string): Promise<string> {
  const stamp = await readFile(join(projectRoot, 'dist', 'build.json'), 'utf8').catch(() => null);
  return sha256Of(stamp ?? 'running from sources');
}
