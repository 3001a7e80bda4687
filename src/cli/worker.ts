import type { Command } from 'commander';
import { loadSettings } from '../config.js';
import { onOrphaned, reportReady } from '../embedded/child-side.js';
import { type QueueRole, TASK_QUEUES } from '../workflows/task-queues.js';
import { runWorker } from '../worker/main.js';
import { UsageError } from './errors.js';
import { runningServices } from './context.js';

const ROLES = Object.keys(TASK_QUEUES) as QueueRole[];

export function registerWorker(program: Command): void {
  program
    .command('worker')
    .description('run a worker for some or all task queues; more of them make the night faster')
    .option('--queues <roles>', `comma-separated: ${ROLES.join(', ')}`, ROLES.join(','))
    .action(async ({ queues }: { queues: string }) => {
      const settings = loadSettings();
      const services = await runningServices(settings);
      onOrphaned(() => process.kill(process.pid, 'SIGTERM'));
      await runWorker(settings, {
        ...services,
        roles: parseRoles(queues),
        onReady: () => reportReady(),
      });
      process.exit(0);
    });
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
