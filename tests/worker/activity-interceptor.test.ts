import type { Context } from '@temporalio/activity';
import { CancelledFailure } from '@temporalio/common';
import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { permanentFailure } from '../../src/activities/failures.js';
import { activityInterceptors } from '../../src/worker/activity-interceptor.js';

/** Runs one activity through the interceptor; `aborted`: it was cancelled. */
function through(work: () => Promise<unknown>, aborted = false): Promise<unknown> {
  const controller = new AbortController();
  if (aborted) controller.abort();
  const context = {
    info: { activityType: 'stageEvents', attempt: 1, workflowExecution: { workflowId: 'nightly/x' } },
    cancellationSignal: controller.signal,
    heartbeat: () => undefined,
  } as unknown as Context;
  const { inbound } = activityInterceptors(pino({ level: 'silent' }))(context);
  if (inbound?.execute === undefined) throw new Error('no inbound interceptor');
  return inbound.execute({ args: [], headers: {} }, work);
}
const failing = (error: Error) => () => Promise.reject(error);

describe('what an activity throws', () => {
  test('of a full disk, Node’s or DuckDB’s: a permanent failure that says what to do', async () => {
    for (const error of [
      Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' }),
      new Error('IO Error: Could not write "x.parquet": No space left on device\nYou may set temp_directory'),
    ]) {
      await expect(through(failing(error))).rejects.toMatchObject({
        type: 'DiskFull',
        nonRetryable: true,
        message: expect.stringMatching(
          /^stageEvents: the disk is full\. Free space .* run the night again; .*left on device[^\n]*\)$/,
        ),
      });
    }
  });

  test('anything else is the activity’s own; a result is its own too', async () => {
    const known = permanentFailure('ArtifactCorrupt', 'x');
    await expect(through(failing(known))).rejects.toBe(known);
    const other = new Error('Parser Error');
    await expect(through(failing(other))).rejects.toBe(other);
    expect(await through(() => Promise.resolve(5))).toBe(5);
  });

  test('after a cancel: cancelled, whatever was thrown on the way out', async () => {
    await expect(through(failing(new Error('interrupted')), true)).rejects.toBeInstanceOf(CancelledFailure);
  });
});
