import { type Client, type ScheduleOptions, ScheduleOverlapPolicy } from '@temporalio/client';
import { ScheduleAlreadyRunning } from '@temporalio/client';
import type { Config } from '../../contracts/config.js';

export interface ScheduledWorkflow {
  scheduleId: string;
  workflowType: string;
  taskQueue: string;
}

/** Creates the two schedules, or brings existing ones in line with the config. */
export async function ensureSchedules(
  client: Client,
  config: Config['schedule'],
  { nightly, formula }: { nightly: ScheduledWorkflow; formula: ScheduledWorkflow },
): Promise<void> {
  const catchupWindow = config.catchupHours * 3_600_000;
  await ensure(client, config.enabled, nightly, catchupWindow, {
    calendars: [{ hour: config.hour, minute: config.minute }],
    timezone: config.timezone,
  });
  // A missed formula run is made up for by the next one.
  await ensure(client, config.enabled, formula, 60_000, {
    intervals: [{ every: config.formulaEveryMinutes * 60_000 }],
  });
}

async function ensure(
  client: Client,
  enabled: boolean,
  { scheduleId, workflowType, taskQueue }: ScheduledWorkflow,
  catchupWindow: number,
  spec: ScheduleOptions['spec'],
): Promise<void> {
  const options = {
    spec,
    action: { type: 'startWorkflow' as const, workflowType, workflowId: scheduleId, taskQueue, args: [] },
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow, pauseOnFailure: false },
    state: { paused: !enabled },
  };
  try {
    await client.schedule.create({ scheduleId, ...options });
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    // The operator's pause is theirs to lift; spec, action and policies are the config's.
    await client.schedule.getHandle(scheduleId).update((previous) => ({
      ...previous,
      spec: options.spec,
      action: options.action,
      policies: { ...previous.policies, ...options.policies },
    }));
  }
}
