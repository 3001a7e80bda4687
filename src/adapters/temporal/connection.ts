import { Connection } from '@temporalio/client';
import { Unreachable } from '../unreachable.js';

export const NAMESPACE = 'default';

/**
 * A connection to the Temporal server at `address` (host:port); the caller closes it.
 * Throws a sentence naming the address when nothing answers in time.
 */
export async function connectTemporal(address: string, timeoutMs = 10_000): Promise<Connection> {
  try {
    return await Connection.connect({ address, connectTimeout: timeoutMs });
  } catch (error) {
    throw new Unreachable(
      `No Temporal server answers at ${address}. Is it running, and is TEMPORAL_ADDRESS right?`,
      { cause: error },
    );
  }
}

/** True when the server answers for the namespace. A TCP accept alone comes too early. */
export async function isTemporalHealthy(
  address: string,
  options: { namespace?: string; timeoutMs?: number } = {},
): Promise<boolean> {
  const { namespace = NAMESPACE, timeoutMs = 1500 } = options;
  let connection: Connection | undefined;
  try {
    connection = await Connection.connect({ address, connectTimeout: timeoutMs });
    const { workflowService } = connection;
    await connection.withDeadline(Date.now() + timeoutMs, () =>
      workflowService.describeNamespace({ namespace }),
    );
    return true;
  } catch {
    return false;
  } finally {
    await connection?.close();
  }
}
