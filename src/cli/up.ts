import { randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import pc from 'picocolors';
import { loadSettings, type Settings } from '../config.js';
import type { NightResult } from '../contracts/night.js';
import { type RunningStack, startStack } from './context.js';
import { failureSentence } from './failure-sentence.js';
import { homePaths } from '../embedded/home.js';
import { type DemoKey, demoKey } from './demo-key.js';
import { loadDemoWhenEmpty } from './demo-home.js';
import { watchNight } from './night-view.js';
import { integerOption } from './options.js';
import { describeResult } from './result-view.js';
import { scheduleNights } from './schedule-nights.js';

export function registerUp(program: Command): void {
  program
    .command('up')
    .description(
      'start everything: Postgres, Temporal, worker, API; load the demo into an empty home; run a first night',
    )
    .option('--once', 'exit after the first release')
    .option('--port <n>', 'port of the API', integerOption(1, 65_535), 8080)
    .action(runUp);
}

async function runUp({ once = false, port }: { once?: boolean; port: number }): Promise<void> {
  const settings = loadSettings();
  const say = (line: string) => process.stdout.write(`${line}\n`);
  say(`${pc.bold('Matinee')}: from what viewers did to what they see next. Home: ${settings.home}\n`);
  const stack = await startStack(settings, { port, say });
  try {
    await loadDemoWhenEmpty(settings, stack.store, say);
    const key = await demoKey(homePaths(settings.home), stack.store.keys);
    await scheduleNights((await stack.nights()).client, settings.config.schedule);
    await firstNight(settings, stack, say);
    if (once) return;
    say(addresses(stack, key));
    await stack.interrupted;
    say('\nstopping …');
  } finally {
    await stack.stop();
  }
}

/** A home without a release gets one now; later ones come by the schedule. */
async function firstNight(
  settings: Settings,
  stack: RunningStack,
  say: (line: string) => void,
): Promise<void> {
  const serving = await stack.serving();
  if (serving !== null) {
    say(`${pc.green('✓')} release ${pc.bold(serving)} is served`);
    return;
  }
  const nights = await stack.nights();
  say('\nThe first night, stage by stage:');
  const handle = await nights.startNight({}, `first-${randomUUID().slice(0, 8)}`);
  const result: NightResult = await watchNight(nights, handle).catch((error: unknown) => {
    throw failureSentence('the first night', error, settings.home);
  });
  say(describeResult(result));
}

function addresses({ api, temporalUi }: RunningStack, { text, file, isGood }: DemoKey): string {
  const row = (name: string, text: string) => `  ${name.padEnd(12)}${text}`;
  return [
    row('Lists', pc.cyan(`${api}/v1/users/ada/recommendations`)),
    row('Top 50', pc.cyan(`${api}/v1/movies/top`)),
    row(
      'Demo key',
      isGood ? `${text}   (in ${file})` : `was revoked; make one: npx matinee keys create --scope storefront`,
    ),
    row('', `curl -H "Authorization: Bearer $(cat ${file})" ${api}/v1/users/ada/recommendations`),
    row('Temporal UI', pc.cyan(temporalUi ?? 'of your own server')),
    row(
      'Try next',
      'npx matinee recommend ada   ·   npx matinee nightly --wait   ·   npx matinee sql "FROM lists LIMIT 5"',
    ),
    '',
    '  Ctrl-C stops everything.',
  ].join('\n');
}
