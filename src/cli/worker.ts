import type { Command } from 'commander';
import { migrate } from '../adapters/postgres/migrate.js';
import { loadSettings, type Settings } from '../config.js';
import { onOrphaned, reportReady } from '../embedded/child-side.js';
import { type QueueRole, TASK_QUEUES } from '../workflows/task-queues.js';
import { runWorker } from '../worker/main.js';
import { UsageError } from './errors.js';
import { runningServices } from './context.js';
import { connectNights } from './night-client.js';
import { scheduleNights } from './schedule-nights.js';

const ROLES = Object.keys(TASK_QUEUES) as QueueRole[];

export function registerWorker(program: Command): void {
  program
    .command('worker')
    .description('run a worker for some or all task queues; more of them make the night faster')
    .option('--queues <roles>', `comma-separated: ${ROLES.join(', ')}`, ROLES.join(','))
    .action(async ({ queues }: { queues: string }) => {
      const roles = parseRoles(queues);
      const settings = loadSettings();
      const services = await runningServices(settings);
      if (process.send === undefined) await prepare(settings, services, roles);
      onOrphaned(() => process.kill(process.pid, 'SIGTERM'));
      await runWorker(settings, {
        ...services,
        roles,
        onReady: () => reportReady(),
      });
      process.exit(0);
    });
}

/**
 * What `up` does for the workers that it starts: in a deployment there is no `up`. Of workers that start together one
 * migrates and the others wait; the schedules are the same whoever makes them.
 */
async function prepare(
  { config }: Settings,
  { databaseUrl, temporalAddress }: { databaseUrl: string; temporalAddress: string },
  roles: QueueRole[],
): Promise<void> {
  await migrate(databaseUrl);
  if (!roles.includes('control')) return;
  const nights = await connectNights(temporalAddress);
  try {
    await scheduleNights(nights.client, config.schedule);
  } finally {
    await nights.close();
  }
}

function parseRoles(queues: string): QueueRole[] {
  const names = queues.split(',').map((name) => name.trim());
  const roles = ROLES.filter((role) => names.includes(role));
  const unknown = names.filter((name) => !ROLES.some((role) => role === name));
  if (unknown.length > 0) {
    throw new UsageError(`--queues: unknown ${unknown.join(', ')}; known are ${ROLES.join(', ')}`);
  }
  return roles;
}
