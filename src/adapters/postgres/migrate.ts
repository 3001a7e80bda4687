import { fileURLToPath } from 'node:url';
import { runner } from 'node-pg-migrate';
import pg from 'pg';
import { Unreachable } from '../unreachable.js';

/** The same number for everyone who migrates: the second one waits, then finds nothing to do. */
const MIGRATION_LOCK = 20_261_122;

const ANSWERS_WITHIN_MS = 10_000;

/** The project's `migrations/`: three folders up from here, both in src/ and in dist/. */
const MIGRATIONS = fileURLToPath(new URL('../../../migrations', import.meta.url));

/**
 * Brings the operational database to this version's schema; safe to call from several processes at once.
 * Returns the names of the migrations it ran, oldest first. A database that a newer version migrated is refused.
 */
export async function migrate(databaseUrl: string, dir: string = MIGRATIONS): Promise<string[]> {
  const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: ANSWERS_WITHIN_MS });
  client.on('error', () => undefined); // a server that stops fails the statement too
  await client.connect().catch((cause: unknown) => {
    throw new Unreachable(sentence(databaseUrl, cause), { cause });
  });
  try {
    await client.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    const ran = await runner({
      dbClient: client,
      dir,
      direction: 'up',
      migrationsTable: 'migrations',
      checkOrder: true,
      noLock: true, // ours blocks; the library's own gives up at once
      log: () => undefined,
    });
    return ran.map(({ name }) => name);
  } finally {
    await client.end();
  }
}

function sentence(databaseUrl: string, cause: unknown): string {
  const { host, pathname } = new URL(databaseUrl);
  const said = cause instanceof AggregateError ? cause.errors.map(String).join(', ') : String(cause); // IPv4 and IPv6
  return `No Postgres can be used at ${host}${pathname} (${said}). Is it running, and is DATABASE_URL right?`;
}
