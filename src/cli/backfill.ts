import { setTimeout as sleep } from 'node:timers/promises';
import type { WorkflowHandle } from '@temporalio/client';
import type { Command } from 'commander';
import { Listr } from 'listr2';
import { loadSettings } from '../config.js';
import type { BackfillProgress } from '../contracts/night.js';
import { withServices } from './context.js';
import { UsageError } from './errors.js';
import { failureSentence } from './failure-sentence.js';
import type { Nights } from './night-client.js';
import { bar } from './night-view.js';
import { integerOption, isoDateOption } from './options.js';
import { describeBackfill } from './result-view.js';

interface BackfillOptions {
  from: string;
  to: string;
  parallel: number;
  publish?: boolean;
  wait?: boolean;
  json?: boolean;
}

export function registerBackfill(program: Command): void {
  program
    .command('backfill')
    .description('run the nights of past days; the channel does not move unless --publish, and then once')
    .requiredOption('--from <day>', 'first night, YYYY-MM-DD', isoDateOption)
    .requiredOption('--to <day>', 'last night, YYYY-MM-DD', isoDateOption)
    .option('--parallel <n>', 'nights at once', integerOption(1, 16), 2)
    .option('--publish', 'at the end, serve the last day’s release')
    .option('--wait', 'follow it to the end (always, when no `matinee up` is running)')
    .option('--json', 'print the result as JSON')
    .action(runBackfill);
}

async function runBackfill(options: BackfillOptions): Promise<void> {
  const { from, to, parallel, publish = false, json = false } = options;
  if (from > to) throw new UsageError(`--from ${from} is after --to ${to}`);
  const settings = loadSettings();
  await withServices(settings, { worker: true, quiet: json }, async (services) => {
    const nights = await services.nights();
    const handle = await nights.startBackfill({ from, to, parallel, publish });
    if (services.attached && !options.wait) {
      process.stdout.write(`started ${handle.workflowId}; follow it with the same command and --wait\n`);
      return;
    }
    const result = await (json ? handle.result() : watch(nights, handle)).catch((error: unknown) => {
      throw failureSentence('the backfill', error, settings.home);
    });
    const done = result as BackfillProgress;
    process.stdout.write(json ? `${JSON.stringify(done)}\n` : describeBackfill(done));
    if (done.done.some((day) => day.kind === 'failed')) process.exitCode = 1;
  });
}

/** One bar over all days. */
async function watch(nights: Nights, handle: WorkflowHandle): Promise<unknown> {
  const started = Date.now();
  const result = handle.result();
  let open = true;
  void result.then(
    () => (open = false),
    () => (open = false),
  );
  await new Listr([
    {
      title: 'backfill',
      task: async (_, task) => {
        while (open) {
          const progress = await nights.backfillProgress(handle).catch(() => null);
          if (progress !== null) {
            const days = { done: progress.done.length, of: progress.total, unit: 'nights' };
            task.output = `${bar(days, Date.now() - started)}  running ${progress.running.join(', ')}`;
          }
          await sleep(300);
        }
        task.title = 'backfill done';
      },
    },
  ]).run();
  return result;
}
