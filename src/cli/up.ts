import { randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import pc from 'picocolors';
import { loadSettings, type Settings } from '../config.js';
import type { PostgresStore } from '../adapters/postgres/operational-store.js';
import type { NightResult } from '../contracts/night.js';
import { claimHome, type RunningStack, startStack } from './context.js';
import { UsageError } from './errors.js';
import { failureSentence } from './failure-sentence.js';
import { homePaths } from '../embedded/home.js';
import { demoKey } from './demo-key.js';
import { isEmpty, loadDemoInto, withDemoConfig } from './demo-home.js';
import { watchNight } from './night-view.js';
import { integerOption } from './options.js';
import { type Part, showParts } from './parts-view.js';
import { describeResult } from './result-view.js';
import { scheduleNights } from './schedule-nights.js';
import { systemClock } from '../worker/compose.js';
import { whereToGo } from './where-to-go.js';

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

/** What is started, in the order in which it comes up, and what it is for. */
const SERVERS: Part[] = [
  { name: 'Postgres', why: 'holds films, viewers and what they do' },
  { name: 'Temporal', why: 'makes nights durable: a killed one goes on where it was' },
  { name: 'Worker', why: 'does the stages of the nights' },
  { name: 'API', why: 'serves the lists, from files alone: the other three may be down' },
];
const DEMO: Part = { name: 'Demo', why: 'hand-written facts of classic films, and viewers who are made up' };

async function runUp({ once = false, port }: { once?: boolean; port: number }): Promise<void> {
  let settings = loadSettings();
  const say = (line: string) => process.stdout.write(`${line}\n`);
  say(`${pc.bold('Matinee')}: from what viewers did to what they see next. Home: ${settings.home}\n`);
  const claim = await claimHome(settings, port);
  say('The servers, all on this machine and reachable from it alone:');
  let isDemoWanted = false;
  const settle = async (store: PostgresStore) => {
    isDemoWanted = await isEmpty(store);
    if (isDemoWanted) settings = await withDemoConfig(settings);
    return settings;
  };
  const stack = await showParts(SERVERS, (board) => startStack(settings, claim, { port, board, settle }));
  let isLeft = false;
  try {
    // Ctrl-C in the middle of the demo or the night ends the wait for them; what they still do fails on closed servers.
    const done = firstSteps(settings, stack, { once, say, isDemoWanted });
    done.catch(() => undefined);
    const early = await Promise.race([done.then(() => false), stack.interrupted.then(() => true)]);
    isLeft = early;
    if (early) throw new UsageError('stopped before the first release; npm start goes on from here');
    if (once) return;
    await stack.interrupted;
    say('\nstopping …');
  } finally {
    await stack.stop({ isLeft });
  }
  say('stopped');
}

/** The demo, the first night, and where to go from there. */
async function firstSteps(
  settings: Settings,
  stack: RunningStack,
  { once, say, isDemoWanted }: { once: boolean; say: (line: string) => void; isDemoWanted: boolean },
): Promise<void> {
  if (isDemoWanted) await loadDemo(settings, stack, say);
  const key = await demoKey(homePaths(settings.home), stack.store.keys);
  await scheduleNights((await stack.nights()).client, settings.config.schedule);
  await firstNight(settings, stack, say);
  if (once) return;
  const [isDemo, hasNewcomer] = await Promise.all(
    // a demo of an earlier version has no newcomer
    ['ada', 'nell'].map(async (id) => (await stack.store.profile(id)) !== null),
  );
  const about = { key, isDemo: isDemo === true, hasNewcomer: hasNewcomer === true, now: systemClock.now() };
  say(await whereToGo(stack.api, about));
}

async function loadDemo(settings: Settings, stack: RunningStack, say: (line: string) => void): Promise<void> {
  say('\nThe store is empty; here is something to see:');
  await showParts([DEMO], async (board) => {
    const loaded = await loadDemoInto(stack.store, settings, (what) => board.doing(DEMO.name, what));
    board.ready(DEMO.name, loaded);
  });
}

/** A home without a release gets one now; later ones come by the schedule. */
async function firstNight(
  settings: Settings,
  stack: RunningStack,
  say: (line: string) => void,
): Promise<void> {
  const serving = await stack.serving();
  if (serving !== null) {
    say(`\n${pc.green('✓')} release ${pc.bold(serving)} is served`);
    return;
  }
  const nights = await stack.nights();
  say('\nThe first night, stage by stage, from what viewers did to a list for each of them:');
  const handle = await nights.startNight({}, `first-${randomUUID().slice(0, 8)}`);
  const result: NightResult = await watchNight(nights, handle).catch((error: unknown) => {
    throw failureSentence('the first night', error, settings.home);
  });
  say(describeResult(result).trimEnd());
}
