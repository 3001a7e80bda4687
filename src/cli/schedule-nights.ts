import type { Client } from '@temporalio/client';
import { ensureSchedules } from '../adapters/temporal/schedules.js';
import type { Config } from '../contracts/config.js';
import { FORMULA_SCHEDULE, NIGHTLY_SCHEDULE } from '../workflows/ids.js';
import { TASK_QUEUES } from '../workflows/task-queues.js';

/** The schedules of `nightly` and `formula`, made or brought in line with the config. */
export async function scheduleNights(client: Client, schedule: Config['schedule']): Promise<void> {
  await ensureSchedules(client, schedule, {
    nightly: { scheduleId: NIGHTLY_SCHEDULE, workflowType: 'nightly', taskQueue: TASK_QUEUES.control },
    formula: { scheduleId: FORMULA_SCHEDULE, workflowType: 'formula', taskQueue: TASK_QUEUES.control },
  });
}
