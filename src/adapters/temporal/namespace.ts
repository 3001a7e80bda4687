import type { Connection } from '@temporalio/client';
import { msNumberToTs } from '@temporalio/common/lib/time.js';
import { NAMESPACE, connectTemporal } from './connection.js';

/** Keyword attributes that nights set. They are not encrypted: never personal data. A workflow that sets an unregistered one hangs. */
export const SEARCH_ATTRIBUTES = [
  'MatineeNight',
  'MatineeStage',
  'MatineeRelease',
  'MatineeVerdict',
] as const;

/** Histories, and the uniqueness of workflow ids that makes a night run once, live this long after a workflow closed. */
export const RETENTION_DAYS = 30;

/** INDEXED_VALUE_TYPE_KEYWORD of temporal.api.enums.v1. */
const KEYWORD = 2;
const DAY_SECONDS = 86_400;

/**
 * Gives the namespace of the server at `address` what nights rely on: our search attributes and, where `retention` is
 * set (the embedded server; another's is its operator's business), 30 days of history. Changes nothing that is there already.
 */
export async function prepareNamespace(
  address: string,
  { namespace = NAMESPACE, retention = false }: { namespace?: string; retention?: boolean } = {},
): Promise<void> {
  const connection = await connectTemporal(address);
  try {
    if (retention) await ensureRetention(connection, namespace);
    await ensureSearchAttributes(connection, namespace);
  } finally {
    await connection.close();
  }
}

/** Raises the retention of closed workflows to 30 days (a dev server's default is one); never lowers it. */
async function ensureRetention(connection: Connection, namespace: string): Promise<void> {
  const { workflowService } = connection;
  const { config } = await workflowService.describeNamespace({ namespace });
  const seconds = Number(config?.workflowExecutionRetentionTtl?.seconds ?? 0);
  if (seconds >= RETENTION_DAYS * DAY_SECONDS) return;
  const workflowExecutionRetentionTtl = msNumberToTs(RETENTION_DAYS * DAY_SECONDS * 1000);
  await workflowService.updateNamespace({ namespace, config: { workflowExecutionRetentionTtl } });
}

async function ensureSearchAttributes(connection: Connection, namespace: string): Promise<void> {
  const { operatorService } = connection;
  const { customAttributes } = await operatorService.listSearchAttributes({ namespace });
  const missing = SEARCH_ATTRIBUTES.filter((name) => !(name in (customAttributes ?? {})));
  if (missing.length === 0) return;
  const searchAttributes = Object.fromEntries(missing.map((name) => [name, KEYWORD]));
  await operatorService.addSearchAttributes({ namespace, searchAttributes });
}
