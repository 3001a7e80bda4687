import { workflowInfo } from '@temporalio/workflow';

/**
 * Stable over retries and continue-as-new: names the folder of this run. From the id's random end: it begins with the time
 * (UUIDv7), and the same eight digits for a minute, in which a night started again would find the first one's artefacts.
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
