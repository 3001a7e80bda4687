import { asyncLocalStorage, type Context } from '@temporalio/activity';
import { CancelledFailure } from '@temporalio/common';
import { pino } from 'pino';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { currentContext } from '../../src/activities/context.js';
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

describe('heartbeats', () => {
  afterEach(() => void vi.useRealTimers());

  test('what was said last is repeated each second, as it has become, until the activity ends', async () => {
    vi.useFakeTimers();
    const beats: unknown[] = [];
    const info = { activityType: 'extractSources', attempt: 2, heartbeatDetails: { step: 'before' } };
    const context = {
      info,
      cancellationSignal: new AbortController().signal,
      heartbeat: (details: unknown) => beats.push(structuredClone(details)),
    } as unknown as Context;
    const { inbound } = activityInterceptors(pino({ level: 'silent' }))(context);
    let begin = () => {};
    let end = () => {};
    const ended = inbound!.execute!({ args: [], headers: {} }, () =>
      asyncLocalStorage.run(context, async () => {
        await new Promise<void>((go) => (begin = go));
        const progress = { step: 'postgres' };
        currentContext().heartbeat(progress);
        progress.step = 'partner';
        await new Promise<void>((go) => (end = go));
      }),
    );
    await vi.advanceTimersByTimeAsync(1000); // an attempt that has said nothing keeps what its predecessor said
    begin();
    await vi.advanceTimersByTimeAsync(2000);
    end();
    await ended;
    await vi.advanceTimersByTimeAsync(5000);
    expect(beats).toEqual([
      { step: 'before' },
      { step: 'postgres' },
      { step: 'partner' },
      { step: 'partner' },
    ]);
  });
});

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
