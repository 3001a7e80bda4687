import type pg from 'pg';

/**
 * Runs work under an advisory lock of the database, held by a connection of its own: it ends with the process, however
 * that ends. While waiting for the lock, `signal` gives up.
 */
export async function exclusively<T>(
  pool: pg.Pool,
  name: string,
  work: () => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  signal?.throwIfAborted();
  const client = await pool.connect();
  try {
    await Promise.race([
      client.query('SELECT pg_advisory_lock(hashtextextended($1, 0))', [name]),
      aborted(signal),
    ]);
    return await work();
  } finally {
    client.release(true); // closing the connection frees the lock, and ends a wait that was given up
  }
}

function aborted(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_resolve, reject) => {
    if (signal?.aborted === true) reject(asError(signal.reason));
    signal?.addEventListener('abort', () => reject(asError(signal.reason)), { once: true });
  });
}

const asError = (reason: unknown) => (reason instanceof Error ? reason : new Error(String(reason)));
