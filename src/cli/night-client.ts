import { Client, type WorkflowHandle } from '@temporalio/client';
import { defaultPayloadConverter, WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { connectTemporal } from '../adapters/temporal/connection.js';
import type {
  BackfillInput,
  BackfillProgress,
  NightlyInput,
  NightProgress,
  WorkDone,
} from '../contracts/night.js';
import { backfillId, FORMULA_ID, nightlyId } from '../workflows/ids.js';
import { TASK_QUEUES } from '../workflows/task-queues.js';

const taskQueue = TASK_QUEUES.control;
/** A night that hangs longer than this is a fault, not work. */
const EXECUTION_TIMEOUT = '24h';

/** Starts and watches workflows; one connection, closed by `close`. */
export async function connectNights(address: string) {
  const connection = await connectTemporal(address);
  const client = new Client({ connection });

  return {
    client,
    close: () => connection.close(),

    /** Starts a night, or finds the one of that date that is running already. */
    async startNight(input: NightlyInput, key: string): Promise<WorkflowHandle> {
      const workflowId = nightlyId(input.date ?? key);
      return startOrAttach(client, 'nightly', workflowId, [input]);
    },
    startBackfill(input: BackfillInput): Promise<WorkflowHandle> {
      return startOrAttach(client, 'backfill', backfillId(input.from, input.to), [input]);
    },
    startFormula(): Promise<WorkflowHandle> {
      return startOrAttach(client, 'formula', FORMULA_ID, []);
    },
    progress: (handle: WorkflowHandle) => handle.query<NightProgress>('progress'),
    backfillProgress: (handle: WorkflowHandle) => handle.query<BackfillProgress>('backfillProgress'),

    /** What the activities under way last reported. */
    async workDone(handle: WorkflowHandle): Promise<WorkDone[]> {
      const { raw } = await handle.describe();
      return (raw.pendingActivities ?? []).flatMap((activity) => {
        const [payload] = activity.heartbeatDetails?.payloads ?? [];
        if (payload === undefined || payload === null) return [];
        const details = defaultPayloadConverter.fromPayload<WorkDone | null>(payload);
        return details === null || typeof details !== 'object' ? [] : [details];
      });
    },
  };
}
export type Nights = Awaited<ReturnType<typeof connectNights>>;

async function startOrAttach(
  client: Client,
  type: string,
  workflowId: string,
  args: unknown[],
): Promise<WorkflowHandle> {
  try {
    return await client.workflow.start(type, {
      workflowId,
      taskQueue,
      args,
      workflowExecutionTimeout: EXECUTION_TIMEOUT,
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    return client.workflow.getHandle(workflowId);
  }
}
