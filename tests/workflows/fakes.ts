import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { inject } from 'vitest';
import type { Activities } from '../../src/activities/index.js';
import type { ArtifactRef } from '../../src/contracts/artifacts.js';
import type { Verdict } from '../../src/contracts/report.js';
import { TASK_QUEUES } from '../../src/workflows/task-queues.js';

const ref = (uri: string): ArtifactRef => ({
  uri,
  sha256: 'a'.repeat(64),
  rows: 10,
  bytes: 100,
  schema: 'test/1',
});
const promote: Verdict = { kind: 'promote', provisional: false, reasons: ['better than the formula'] };

/** Typed stand-ins for every activity: a good night. A new activity breaks this file's types, not a night. */
export function goodNight(overrides: Partial<Activities> = {}): { activities: Activities; calls: string[] } {
  const calls: string[] = [];
  const activities: Activities = {
    planNight: async (input) => ({
      date: input.date ?? '2026-01-31',
      asOf: '2026-02-01T00:00:00.000Z',
      runId: `2026-01-31-${input.runKey}`,
      warmStart: input.warmStart ?? true,
      why: input.scheduledFor === null ? 'asked for' : `scheduled for ${input.scheduledFor}`,
    }),
    planFormula: async ({ runKey }) => ({
      date: '2026-02-01',
      asOf: '2026-02-02T00:00:00.000Z',
      runId: `formula-${runKey}`,
      warmStart: false,
      why: 'now',
    }),
    extractSources: async () => ({
      segments: ref('segments'),
      films: ref('films'),
      viewers: ref('viewers'),
      extracted: 10,
      quarantined: { total: 0, byReason: {} },
      newColumns: [],
    }),
    stageEvents: async () => ({
      events: ref('events'),
      films: ref('films'),
      viewers: ref('viewers'),
      days: 3,
      changedDays: 1,
    }),
    checkSnapshot: async () => ({ kind: 'pass', report: ref('check'), warnings: [] }),
    buildFeatures: async () => ({
      interactions: ref('interactions'),
      viewers: ref('viewers'),
      films: ref('films'),
      weightedRating: ref('wr'),
      popularity: ref('popularity'),
    }),
    rateFilms: async () => ({ weightedRating: ref('wr'), popularity: ref('popularity') }),
    buildFormula: async () => ref('formula'),
    publishFormula: async () => ({ kind: 'flipped', releaseId: 'formula-1' }),
    trainCandidate: async () => ({
      kind: 'trained',
      model: ref('model'),
      recipe: 'r',
      epochs: 8,
      losses: [2, 1],
      warm: false,
    }),
    evaluateCandidate: async () => ({ evaluation: ref('evaluation'), report: null, verdict: promote }),
    planBuckets: async () => [0, 1, 2, 3, 4, 5].map((bucket) => ({ bucket, through: bucket, viewers: 5 })),
    scoreBucket: async ({ bucket }) => ref(`bucket-${bucket}`),
    publishRelease: async ({ night }) => ({
      releaseId: `${night.date}-abc`,
      contentSha256: 'c'.repeat(64),
      counts: { viewers: 30, personal: 30, formula: 0, none: 0, noneReasons: {}, films: 100 },
      provisional: false,
      audit: { pairs: 1500, violations: 0 },
      rehearsed: 24,
      channel: 'flipped',
      verdict: null,
      serving: `${night.date}-abc`,
    }),
    publishBackfill: async ({ days }) => ({
      releaseId: days.at(-1)?.releaseId ?? null,
      reason: 'now served',
    }),
    currentRelease: async () => ({ seq: 0, releaseId: null, isPersonal: false }),
    sweepRetention: async () => {
      const none = { count: 0, bytes: 0 };
      const removed = { runs: none, releases: none, events: none, raw: none, temporary: none };
      return { removed, bytes: 0, uris: [] };
    },
    removeRun: async () => {},
    ...overrides,
  };
  const recorded = Object.fromEntries(
    Object.entries(activities).map(([name, run]) => [
      name,
      (...args: unknown[]) => {
        calls.push(name);
        return (run as (...a: unknown[]) => unknown)(...args);
      },
    ]),
  ) as unknown as Activities;
  return { activities: recorded, calls };
}

/** Runs `work` with a worker for every queue; ids are made unique, for all files share one server. */
export async function withWorkers<T>(
  activities: Activities,
  work: (client: Client, id: (name: string) => string) => Promise<T>,
): Promise<T> {
  const address = inject('temporalAddress');
  const native = await NativeConnection.connect({ address });
  const connection = await Connection.connect({ address });
  const suffix = randomUUID().slice(0, 8);
  try {
    const workers = await Promise.all(
      Object.values(TASK_QUEUES).map((taskQueue) =>
        Worker.create({
          connection: native,
          taskQueue,
          activities,
          ...(taskQueue === TASK_QUEUES.control
            ? { workflowBundle: { codePath: resolve('dist/workflow-bundle.js') } }
            : {}),
        }),
      ),
    );
    const running = workers.map((worker) => worker.run());
    try {
      return await work(new Client({ connection }), (name) => `${name}-${suffix}`);
    } finally {
      for (const worker of workers) worker.shutdown();
      await Promise.all(running);
    }
  } finally {
    await connection.close();
    await native.close();
  }
}
