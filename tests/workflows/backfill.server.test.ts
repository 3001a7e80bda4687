import { ApplicationFailure } from '@temporalio/common';
import { describe, expect, test } from 'vitest';
import type { BackfillProgress } from '../../src/contracts/night.js';
import { TASK_QUEUES } from '../../src/workflows/task-queues.js';
import { goodNight, withWorkers } from './fakes.js';

async function runBackfill(input: object, overrides: Parameters<typeof goodNight>[0] = {}) {
  const { activities, calls } = goodNight(overrides);
  const result = await withWorkers(activities, async (client, id) => {
    const options = { workflowId: id('backfill'), taskQueue: TASK_QUEUES.control, args: [input] };
    return (await client.workflow.execute('backfill', options)) as BackfillProgress;
  });
  return { result, calls };
}

describe('backfill', () => {
  test('a child per day, at most `parallel` at once, cold, and never the channel', async () => {
    const channels: unknown[] = [];
    const removes: unknown[] = [];
    let running = 0;
    let most = 0;
    const { activities } = goodNight();
    const { result, calls } = await runBackfill(
      { from: '2025-02-26', to: '2025-03-02', parallel: 2 },
      {
        extractSources: async (input) => {
          most = Math.max(most, ++running);
          await new Promise((resolve) => setTimeout(resolve, 30));
          running--;
          expect(input.night.warmStart).toBe(false);
          return activities.extractSources(input);
        },
        publishRelease: async (input) => {
          channels.push(input.publish);
          return activities.publishRelease(input);
        },
        sweepRetention: async (input) => {
          removes.push(input.removes);
          return activities.sweepRetention(input);
        },
      },
    );
    expect(result.done.map((day) => day.date)).toEqual(
      '2025-02-26 2025-02-27 2025-02-28 2025-03-01 2025-03-02'.split(' '),
    );
    expect(channels).toEqual([false, false, false, false, false]);
    expect(most).toBeLessThanOrEqual(2);
    expect(calls).not.toContain('publishBackfill');
    expect(removes).toEqual([false, false, false, false, false, true]);
  });

  test('more than a month continues as new and loses no day; one publish at the end', async () => {
    const { result, calls } = await runBackfill({
      from: '2024-01-01',
      to: '2024-02-04',
      parallel: 8,
      publish: true,
    });
    expect(result.done).toHaveLength(35);
    expect(new Set(result.done.map((day) => day.date)).size).toBe(35);
    expect(calls.filter((name) => name === 'publishBackfill')).toHaveLength(1);
    expect(calls.slice(-2)).toEqual(['publishBackfill', 'sweepRetention']);
    expect(result.published).toEqual({ releaseId: '2024-02-04-abc', reason: 'now served' });
  });

  test('a day that fails is reported and does not stop its neighbours', async () => {
    const { activities } = goodNight();
    const { result } = await runBackfill(
      { from: '2025-05-01', to: '2025-05-03' },
      {
        stageEvents: async (input) => {
          if (input.night.date === '2025-05-02') throw ApplicationFailure.nonRetryable('no rows', 'NoData');
          return activities.stageEvents(input);
        },
      },
    );
    expect(result.done.map((day) => day.kind)).toEqual(['released', 'failed', 'released']);
    expect(result.done[1]?.error).toContain('no rows');
  });

  test('from after to is refused', async () => {
    await expect(runBackfill({ from: '2025-05-02', to: '2025-05-01' })).rejects.toMatchObject({
      cause: { type: 'InputInvalid' },
    });
  });
});
