import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { pino } from 'pino';
import { createActivities } from '../activities/index.js';
import { prepareNamespace } from '../adapters/temporal/namespace.js';
import type { Settings } from '../config.js';
import { type QueueRole, TASK_QUEUES } from '../workflows/task-queues.js';
import { activityInterceptors } from './activity-interceptor.js';
import { WORKFLOW_BUNDLE } from './bundle.js';
import { composeDeps } from './compose.js';

/** Activities at once, per role. Two cores: one fit or two buckets; DuckDB brings its own threads. */
const SLOTS: Record<QueueRole, number> = { control: 8, warehouse: 2, training: 1, scoring: 2 };

export interface WorkerOptions {
  databaseUrl: string;
  temporalAddress: string;
  roles: QueueRole[];
  onReady?: () => void;
}

/** Composition root of a worker process: runs until SIGINT or SIGTERM, then lets activities end within the grace time. */
export async function runWorker(settings: Settings, options: WorkerOptions): Promise<void> {
  const log = pino({ name: 'worker' });
  Runtime.install({
    logger: new DefaultLogger('WARN', ({ level, message, meta }) => log.warn({ level, meta }, message)),
    shutdownSignals: ['SIGINT', 'SIGTERM'],
  });
  await prepareNamespace(options.temporalAddress);
  const connection = await NativeConnection.connect({ address: options.temporalAddress });
  const deps = await composeDeps(settings, options.databaseUrl);
  try {
    const activities = createActivities(deps.activities);
    const workers = await Promise.all(
      options.roles.map((role) =>
        Worker.create({
          connection,
          taskQueue: TASK_QUEUES[role],
          activities,
          ...(role === 'control' ? { workflowBundle: { codePath: WORKFLOW_BUNDLE } } : {}),
          maxConcurrentActivityTaskExecutions: SLOTS[role],
          interceptors: { activity: [activityInterceptors(log)] },
          // Progress is shown from heartbeats; the default would send them every 12 s.
          maxHeartbeatThrottleInterval: '1s',
          shutdownGraceTime: '5s',
          shutdownForceTime: '20s',
        }),
      ),
    );
    log.info({ roles: options.roles, temporal: options.temporalAddress }, 'worker ready');
    options.onReady?.();
    await Promise.all(workers.map((worker) => worker.run()));
  } finally {
    await deps.close();
    await connection.close();
  }
}
