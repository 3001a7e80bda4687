import { proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities/index.js';
import type { FailureType } from '../contracts/failures.js';
import { TASK_QUEUES } from './task-queues.js';

/** Retrying these cannot help. Written out, for a workflow imports no values from contracts; a test compares the lists. */
export const PERMANENT: FailureType[] = [
  'ConfigInvalid',
  'InputInvalid',
  'NoData',
  'ModelDiverged',
  'ArtifactCorrupt',
  'AgeAuditFailed',
  'RehearsalFailed',
  'ReleaseConflict',
  'DiskFull',
];

/** Transient faults (a lost worker, a database that restarts) get about two minutes; then the night fails. */
const retry = {
  initialInterval: '1s',
  backoffCoefficient: 2,
  maximumInterval: '20s',
  maximumAttempts: 10,
  nonRetryableErrorTypes: PERMANENT,
};

/** Every activity heart-beats by a timer of the worker, so a lost worker is noticed in seconds, however long the work. */
const group = (taskQueue: string, startToCloseTimeout: '5m' | '1h' | '4h') =>
  proxyActivities<Activities>({ taskQueue, startToCloseTimeout, heartbeatTimeout: '15s', retry });

export const control = group(TASK_QUEUES.control, '5m');
export const warehouse = group(TASK_QUEUES.warehouse, '1h');
export const training = group(TASK_QUEUES.training, '4h');
export const scoring = group(TASK_QUEUES.scoring, '1h');
