import { connectTemporal } from '../adapters/temporal/connection.js';
import { migrate } from '../adapters/postgres/migrate.js';
import type { Settings } from '../config.js';
import { isPortFree } from '../embedded/ports.js';
import { UsageError } from './errors.js';

const ANSWERS_WITHIN_MS = 5000;

/**
 * What can be known to fail before anything is started: a server of the user's own that does not answer, a port that is
 * taken. The user waits for nothing, and reads one sentence. Brings an own database to this version's schema.
 */
export async function preflight(
  { databaseUrl, temporalAddress }: Pick<Settings, 'databaseUrl' | 'temporalAddress'>,
  port?: number,
): Promise<void> {
  if (port !== undefined && !(await isPortFree(port))) {
    const free = await firstFree(port + 1);
    throw new UsageError(
      `Port ${port} is taken by another program. Choose another one: npm start -- --port ${free}`,
    );
  }
  if (databaseUrl !== undefined) await migrate(databaseUrl);
  if (temporalAddress !== undefined) {
    await (await connectTemporal(temporalAddress, ANSWERS_WITHIN_MS)).close();
  }
}

async function firstFree(from: number): Promise<number> {
  for (let port = from; port < from + 100 && port < 65_536; port++) if (await isPortFree(port)) return port;
  return from;
}
