import { fileURLToPath } from 'node:url';
import { runner } from 'node-pg-migrate';
import pg from 'pg';

/** The same number for everyone who migrates: the second one waits, then finds nothing to do. */
const MIGRATION_LOCK = 20_261_122;

/** The project's `migrations/`: three folders up from here, both in src/ and in dist/. */
const MIGRATIONS = fileURLToPath(new URL('../../../migrations', import.meta.url));

/**
 * Brings the operational database to this version's schema; safe to call from several processes at once.
 * Returns the names of the migrations it ran, oldest first. A database that a newer version migrated is refused.
 */
export async function migrate(databaseUrl: string, dir: string = MIGRATIONS): Promise<string[]> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
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
