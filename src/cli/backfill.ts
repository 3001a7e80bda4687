import { setTimeout as sleep } from 'node:timers/promises';
import type { WorkflowHandle } from '@temporalio/client';
import type { Command } from 'commander';
import { Listr, type ListrRendererFactory, type ListrTaskWrapper } from 'listr2';
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

const POLL_MS = 300;

/** One bar over all days; without a terminal a line per finished day. */
async function watch(nights: Nights, handle: WorkflowHandle): Promise<unknown> {
  if (process.stdout.isTTY) {
    const task = { title: 'backfill', task: (_: unknown, line: Line) => showBar(nights, handle, line) };
    await new Listr([task]).run();
  } else {
    let told = 0;
    await poll(nights, handle, ({ done }) => {
      for (const { date, kind } of done.slice(told)) process.stdout.write(`  ${date}  ${kind}\n`);
      told = done.length;
    });
  }
  return handle.result();
}
type Line = ListrTaskWrapper<unknown, ListrRendererFactory, ListrRendererFactory>;

async function showBar(nights: Nights, handle: WorkflowHandle, line: Line): Promise<void> {
  const started = Date.now();
  await poll(nights, handle, ({ done, total, running }) => {
    const work = { done: done.length, of: total, unit: 'nights' };
    line.output = `${bar(work, Date.now() - started)}  running ${running.join(', ')}`;
  });
  line.title = 'backfill done';
}

/** Calls `show` with the newest progress until the backfill has ended, and once more then. */
async function poll(
  nights: Nights,
  handle: WorkflowHandle,
  show: (progress: BackfillProgress) => void,
): Promise<void> {
  let open = true;
  const close = () => (open = false);
  void handle.result().then(close, close);
  for (;;) {
    const isLast = !open;
    const progress = await nights.backfillProgress(handle).catch(() => null);
    if (progress !== null) show(progress);
    if (isLast) return;
    await sleep(POLL_MS);
  }
}
