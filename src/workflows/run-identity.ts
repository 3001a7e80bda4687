import { workflowInfo } from '@temporalio/workflow';

/**
 * Stable over retries and continue-as-new: names the folder of this run. The end of the run id, for the server makes ids
 * that begin with the time (UUIDv7): their first eight digits are the same for a minute.
 */
export const runKey = (): string => workflowInfo().firstExecutionRunId.slice(-8);

/**
 * When the schedule meant this run to start (ISO), or null for a run started by hand. The attribute is set by the server,
 * also under `schedule backfill`, where the clock would give the wrong day.
 */
export function scheduledStart(): string | null {
  const attribute: unknown = workflowInfo().searchAttributes['TemporalScheduledStartTime'];
  const [at] = Array.isArray(attribute) ? (attribute as unknown[]) : [attribute];
  return at instanceof Date ? at.toISOString() : typeof at === 'string' ? at : null;
}
