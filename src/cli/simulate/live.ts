import { type Command, Option } from 'commander';
import { loadSettings } from '../../config.js';
import { VARIANTS } from '../../simulator/index.js';
import { systemClock } from '../../worker/compose.js';
import { withServices } from '../context.js';
import { UsageError } from '../errors.js';
import { failureSentence } from '../failure-sentence.js';
import { printTable } from '../lists-output.js';
import { integerOption } from '../options.js';
import { type LivedDay, liveNights } from './live-nights.js';
import { audienceOf, isoDay, type SimulationPlan, sourceOf } from './plan.js';
import { RealDataThere } from './to-store.js';

const DAY_MS = 86_400_000;

interface LiveCommand extends SimulationPlan {
  nights: number;
  list: number;
  mix?: true;
  json?: true;
}

/** `matinee simulate live`: the simulated viewers live with the product, night after night. */
export function registerLive(simulate: Command): void {
  simulate
    .command('live')
    .description(
      'let the audience live with the product: a night, a day of reactions to its lists, the next night, …',
    )
    .option('--nights <n>', 'nights; the last day is yesterday', integerOption(1, 365), 5)
    .option('--viewers <n>', 'profiles', integerOption(1, 100_000), 500)
    .option('--films <n>', 'films, all made up', integerOption(20, 20_000), 600)
    .option('--days <n>', 'days of behaviour before the first night', integerOption(1, 3650), 120)
    .option('--seed <n>', 'the same seed gives the same people', integerOption(0, 2 ** 31 - 1), 1)
    .addOption(
      new Option('--variant <kind>', 'how a taste meets a film').choices(VARIANTS).default('dot-product'),
    )
    .option('--list <n>', 'films of the list that the page shows', integerOption(1, 50), 20)
    .option('--mix', 'write into a store that holds data which is not simulated')
    .option('--json', 'print the days as JSON')
    .action(runLive);
}

async function runLive(options: LiveCommand): Promise<void> {
  const settings = loadSettings();
  const today = Math.floor(systemClock.now().getTime() / DAY_MS) * DAY_MS;
  const from = isoDay(today - (options.nights + options.days) * DAY_MS);
  const plan: SimulationPlan = { ...options, from };
  const audience = audienceOf(plan, settings.config.ages, systemClock.now());
  const days = await withServices(settings, { worker: true, quiet: options.json ?? false }, (running) =>
    liveNights({
      settings,
      running,
      audience,
      source: sourceOf(plan, audience.until),
      mayMix: options.mix ?? false,
      nights: options.nights,
      listLength: options.list,
      hooks: {
        onDay: (day) => {
          if (!options.json) process.stderr.write(`  ${sentence(day)}\n`);
        },
      },
    }).catch((error: unknown) => {
      throw error instanceof RealDataThere
        ? new UsageError(error.message)
        : failureSentence('the loop', error, settings.home);
    }),
  );
  if (options.json) process.stdout.write(`${JSON.stringify(days.map(summary))}\n`);
  else printTable(rows(days));
}

/** A day without its viewers. */
function summary({ tallies, ...day }: LivedDay) {
  const total = { sessions: 0, plays: 0, completions: 0, watchedSec: 0 };
  for (const tally of tallies) {
    total.sessions += tally.sessions;
    total.plays += tally.plays;
    total.completions += tally.completions;
    total.watchedSec += tally.watchedSec;
  }
  return { ...day, ...total };
}

function sentence(day: LivedDay): string {
  const { date, result, pages, events, sessions, plays, completions } = summary(day);
  const shown = Object.entries(pages).map(([by, count]) => `${count} ${by}`);
  return `${date}: ${result.kind}; ${shown.join(', ')} lists shown; ${sessions} sessions, ${plays} plays, ${completions} to the end, ${events} events`;
}

function rows(days: LivedDay[]): string[][] {
  const header = [
    'day',
    'night before',
    'lists shown',
    'sessions',
    'plays a session',
    'to the end a session',
  ];
  return [
    header,
    ...days.map((day) => {
      const { date, result, pages, sessions, plays, completions } = summary(day);
      const shown = Object.entries(pages).map(([by, count]) => `${count} ${by}`);
      const per = (count: number) => (count / Math.max(1, sessions)).toFixed(3);
      return [date, result.kind, shown.join(', '), String(sessions), per(plays), per(completions)];
    }),
  ];
}
