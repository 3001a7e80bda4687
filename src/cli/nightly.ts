import type { Command } from 'commander';
import { loadSettings } from '../config.js';
import type { NightResult } from '../contracts/night.js';
import { withServices } from './context.js';
import { failureSentence } from './failure-sentence.js';
import { watchNight } from './night-view.js';
import { describeResult } from './result-view.js';
import { isoDateOption } from './options.js';

export function registerNightly(program: Command): void {
  program
    .command('nightly')
    .description('run one night: extract … publish')
    .option(
      '--date <day>',
      'night D as YYYY-MM-DD (default: yesterday UTC, or the day of the newest event)',
      isoDateOption,
    )
    .option('--wait', 'follow it to the end (always, when no `matinee up` is running)')
    .option('--json', 'print the result as JSON')
    .action(runNightly);
}

async function runNightly(options: { date?: string; wait?: boolean; json?: boolean }): Promise<void> {
  const settings = loadSettings();
  await withServices(settings, { worker: true, quiet: options.json ?? false }, async (services) => {
    const nights = await services.nights();
    const handle = await nights.startNight(
      options.date === undefined ? {} : { date: options.date },
      'latest',
    );
    if (services.attached && !options.wait) {
      process.stdout.write(`started ${handle.workflowId}; follow it with matinee nightly --wait\n`);
      return;
    }
    const result = await (options.json ? handle.result() : watchNight(nights, handle)).catch(
      (error: unknown) => {
        throw failureSentence('the night', error, settings.home);
      },
    );
    process.stdout.write(
      options.json ? `${JSON.stringify(result)}\n` : describeResult(result as NightResult),
    );
  });
}
