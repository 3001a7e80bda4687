import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { describe, expect, test } from 'vitest';
import { type NightProgress, type NightResult, STAGES } from '../../src/contracts/night.js';
import type { Activities } from '../../src/activities/index.js';
import type { Verdict } from '../../src/contracts/report.js';
import { TASK_QUEUES } from '../../src/workflows/task-queues.js';
import { goodNight, withWorkers } from './fakes.js';

const taskQueue = TASK_QUEUES.control;
const champion = { seq: 4, releaseId: '2026-01-30-old', isPersonal: true };
const someRef = { uri: 'x', sha256: 'x', rows: 1, bytes: 1, schema: 'x' };

async function runNight(overrides: Parameters<typeof goodNight>[0], input = {}) {
  const { activities, calls } = goodNight(overrides);
  const outcome = await withWorkers(activities, async (client, id) => {
    const handle = await client.workflow.start('nightly', {
      workflowId: id('nightly'),
      taskQueue,
      args: [input],
    });
    const result = (await handle.result()) as NightResult;
    return { result, progress: await handle.query<NightProgress>('progress') };
  });
  return { ...outcome, calls };
}

describe('nightly', () => {
  test('a good night passes every stage in order and ends released; of two candidates with the one that was judged', async () => {
    const [als, ease] = [
      { ...someRef, uri: 'als' },
      { ...someRef, uri: 'ease' },
    ];
    const judged: unknown[] = [];
    const listed = new Set<unknown>();
    const { activities } = goodNight();
    const { result, progress, calls } = await runNight({
      trainCandidate: async (input) => {
        const trained = await activities.trainCandidate(input);
        return trained.kind === 'skipped' ? trained : { ...trained, model: als, other: ease };
      },
      evaluateCandidate: async (input) => {
        judged.push(input.model, input.other);
        return { ...(await activities.evaluateCandidate(input)), model: ease };
      },
      scoreBucket: async (input) => {
        listed.add(input.model?.uri);
        return activities.scoreBucket(input);
      },
      publishRelease: async (input) => {
        listed.add(input.model?.uri);
        return activities.publishRelease(input);
      },
    });
    expect(judged).toEqual([als, ease]);
    expect([...listed]).toEqual(['ease']);
    expect(result).toMatchObject({
      kind: 'released',
      releaseId: '2026-01-31-abc',
      verdict: { kind: 'promote' },
    });
    expect(progress.stage).toBe('done');
    expect(progress.finished.map((done) => done.stage)).toEqual(STAGES);
    expect(calls.filter((name) => name === 'scoreBucket')).toHaveLength(6);
    expect(calls.at(-1)).toBe('sweepRetention');
  });

  test('two runs of one night, one right after the other, work in folders of their own', async () => {
    const runIds: unknown[] = [];
    const { activities } = goodNight({
      extractSources: async ({ night }) => {
        runIds.push(night.runId);
        return goodNight().activities.extractSources({ night });
      },
    });
    await withWorkers(activities, async (client, id) => {
      for (const name of ['first', 'second']) {
        await client.workflow.execute('nightly', { workflowId: id(name), taskQueue });
      }
    });
    expect(new Set(runIds).size).toBe(2);
  });

  test('a check that blocks stops before training and names what keeps serving', async () => {
    const { result, calls } = await runNight({
      checkSnapshot: async () => ({
        kind: 'block',
        report: someRef,
        reasons: ['quarantine share .51, expected at most .05'],
        warnings: [],
      }),
      currentRelease: async () => champion,
    });
    expect(result).toMatchObject({ kind: 'blocked', serving: '2026-01-30-old' });
    expect(calls).not.toContain('trainCandidate');
  });

  test('a candidate that is held leaves the served release alone and does not fail', async () => {
    const { result, calls } = await runNight({
      evaluateCandidate: async () => ({
        evaluation: someRef,
        report: null,
        verdict: { kind: 'hold', provisional: false, reasons: ['not better than popularity'] },
      }),
      currentRelease: async () => champion,
    });
    expect(result).toMatchObject({ kind: 'held', serving: '2026-01-30-old' });
    expect(calls).not.toContain('publishRelease');
  });

  test('without a champion a held candidate gives way to the formula’s lists', async () => {
    const models: unknown[] = [];
    const { result } = await runNight({
      trainCandidate: async () => ({ kind: 'skipped', reason: 'no film has 20 raters' }),
      scoreBucket: async ({ bucket, model }) => {
        models.push(model);
        return { ...someRef, uri: `bucket-${bucket}` };
      },
    });
    expect(result.kind).toBe('released');
    expect(models).toEqual([null, null, null, null, null, null]);
  });

  test('without a champion a release that is too slow gives way to the formula’s lists; with one it is held', async () => {
    const slow: Verdict = { kind: 'reject', provisional: false, reasons: ['G8 FAIL: 80 ms'] };
    const night = async (currentRelease: Activities['currentRelease']) => {
      const seen: unknown[] = [];
      const { activities } = goodNight();
      const { result, calls } = await runNight({
        currentRelease,
        publishRelease: async (input) => {
          seen.push([input.model?.uri ?? null, input.verdict?.kind]);
          const published = await activities.publishRelease(input);
          return input.model === null
            ? { ...published, releaseId: 'formula-lists', verdict: slow }
            : { ...published, channel: 'held', serving: null, verdict: slow };
        },
      });
      return { seen, result, scored: calls.filter((name) => name === 'scoreBucket').length };
    };
    const first = await night(async () => ({ seq: 0, releaseId: null, isPersonal: false }));
    expect(first).toMatchObject({
      seen: [
        ['model', 'promote'],
        [null, 'reject'],
      ],
      scored: 12,
      result: { kind: 'released', releaseId: 'formula-lists', verdict: slow },
    });
    const later = await night(async () => champion);
    expect(later).toMatchObject({ seen: [['model', 'promote']], result: { kind: 'held', verdict: slow } });
  });

  test('a day of a backfill reports the verdict of its release, not the one before its answers were measured', async () => {
    const { activities } = goodNight();
    const slow: Verdict = { kind: 'reject', provisional: false, reasons: ['G8 FAIL: 80 ms'] };
    const { result } = await runNight(
      {
        publishRelease: async (input) => ({
          ...(await activities.publishRelease(input)),
          channel: 'not-asked',
          verdict: slow,
        }),
      },
      { publish: false },
    );
    expect(result).toMatchObject({ kind: 'released', channel: 'not-asked', verdict: slow });
  });

  test('the compare-and-set uses the sequence read in this night', async () => {
    const seen: unknown[] = [];
    const { activities } = goodNight();
    await runNight({
      currentRelease: async () => champion,
      publishRelease: async (input) => {
        seen.push([input.expectSeq, input.publish]);
        return activities.publishRelease(input);
      },
    });
    expect(seen).toEqual([[4, true]]);
  });

  test('a transient fault is retried, a permanent one fails the night at once with its type', async () => {
    let attempts = 0;
    const { result } = await runNight({
      stageEvents: async () => {
        attempts++;
        if (attempts === 1) throw new Error('connection reset');
        return { events: someRef, films: someRef, viewers: someRef, days: 1, changedDays: 1 };
      },
    });
    expect([result.kind, attempts]).toEqual(['released', 2]);

    let fits = 0;
    const failing = runNight({
      trainCandidate: async () => {
        fits++;
        throw ApplicationFailure.nonRetryable('loss is NaN in epoch 3', 'ModelDiverged');
      },
    });
    await expect(failing).rejects.toMatchObject({ cause: { cause: { type: 'ModelDiverged' } } });
    expect(fits).toBe(1);
  });

  test('a night started again at once has a run of its own', async () => {
    const keys: string[] = [];
    const { activities } = goodNight();
    const planNight: typeof activities.planNight = async (input) => {
      keys.push(input.runKey);
      return activities.planNight(input);
    };
    await runNight({ planNight });
    await runNight({ planNight });
    expect(keys).toHaveLength(2);
    expect(keys[0]).not.toBe(keys[1]);
  });

  test('a night cancelled half-way publishes nothing, and its run is marked as over', async () => {
    let isTraining = () => {};
    const training = new Promise<void>((resolve) => (isTraining = resolve));
    const swept: unknown[] = [];
    const good = goodNight().activities;
    const { activities, calls } = goodNight({
      trainCandidate: async () => {
        isTraining();
        const context = Context.current();
        const beat = setInterval(() => context.heartbeat(), 100);
        return context.cancelled.finally(() => clearInterval(beat));
      },
      sweepRetention: async (input) => {
        swept.push(input.finishedRuns);
        return good.sweepRetention(input);
      },
    });
    await withWorkers(activities, async (client, id) => {
      const handle = await client.workflow.start('nightly', { workflowId: id('nightly'), taskQueue });
      await training;
      await handle.cancel();
      await expect(handle.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
    });
    expect(calls).not.toContain('publishRelease');
    expect(swept).toEqual([[expect.stringMatching(/^2026-01-31-/)]]);
  });

  test('a failed sweep does not fail the night', async () => {
    const { result } = await runNight({
      sweepRetention: async () => {
        throw ApplicationFailure.nonRetryable('permission denied', 'DiskFull');
      },
    });
    expect(result.kind).toBe('released');
  });
});
