import { join, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { createWarehouse } from '../adapters/duckdb/warehouse.js';
import { loadSettings, type Settings } from '../config.js';
import { VARIANTS } from '../simulator/index.js';
import { systemClock } from '../worker/compose.js';
import { UsageError } from './errors.js';
import { integerOption, isoDateOption } from './options.js';
import { registerLive } from './simulate/live.js';
import { audienceOf, lastDay, type SimulationPlan, sourceOf } from './simulate/plan.js';
import { createProgress } from './simulate/progress.js';
import { FORMATS, type FileFormat, FolderNotEmpty, writeFiles } from './simulate/to-files.js';
import { loadSimulated, RealDataThere } from './simulate/to-store.js';
import { openTruth } from './simulate/truth-files.js';
import { withStore } from './store-context.js';

interface SimulateOptions extends SimulationPlan {
  out?: string;
  format: FileFormat;
  truth?: string;
  exposures?: true;
  mix?: true;
}

export function registerSimulate(program: Command): void {
  const simulate = program
    .command('simulate')
    .description(
      'make up an audience with known tastes: films, viewers and what they did, into the store or files',
    )
    .option('--viewers <n>', 'profiles', integerOption(1, 100_000_000), 2000)
    .option('--films <n>', 'films, all made up', integerOption(20, 1_000_000), 500)
    .option('--days <n>', 'days of behaviour', integerOption(1, 3650), 60)
    .option('--seed <n>', 'the same seed gives the same bytes', integerOption(0, 2 ** 31 - 1), 1)
    .addOption(
      new Option('--variant <kind>', 'how a taste meets a film').choices(VARIANTS).default('dot-product'),
    )
    .option('--from <day>', 'first day (default: so that the last one is yesterday)', isoDateOption)
    .option('--out <folder>', 'write files there instead of into the operational store')
    .addOption(new Option('--format <kind>', 'of the files').choices(FORMATS).default('parquet'))
    .option('--truth <folder>', 'where tastes, hazards and drift times go (with --out: its folder truth/)')
    .option('--exposures', 'tell the truth of every film examined, too: its propensities')
    .option('--mix', 'write into a store that holds data which is not simulated')
    .action(runSimulate);
  registerLive(simulate);
}

async function runSimulate(options: SimulateOptions): Promise<void> {
  const settings = loadSettings();
  const truthFolder = options.truth ?? (options.out === undefined ? undefined : join(options.out, 'truth'));
  if (options.exposures && truthFolder === undefined) {
    throw new UsageError('--exposures needs a place for the truth: give --truth FOLDER or --out FOLDER');
  }
  try {
    if (options.out === undefined) await intoStore(settings, options, truthFolder);
    else await intoFiles(settings, options, resolve(options.out), resolve(truthFolder ?? ''));
  } catch (error) {
    const isExpected = error instanceof RealDataThere || error instanceof FolderNotEmpty;
    throw isExpected ? new UsageError(error.message) : error;
  }
}

async function intoFiles(
  settings: Settings,
  options: SimulateOptions,
  folder: string,
  truthFolder: string,
): Promise<void> {
  const started = performance.now();
  const audience = audienceOf(options, settings.config.ages, systemClock.now());
  const warehouse = createWarehouse({
    models: join(settings.projectRoot, 'warehouse'),
    ...settings.config.warehouse,
  });
  const progress = progressOf(options.viewers);
  const truth = await openTruth(truthFolder, options.exposures ?? false);
  const written = await writeFiles({
    folder,
    format: options.format,
    audience,
    truth,
    inSession: (work) => warehouse.session(work),
    onViewer: (done, events) => progress.at(done, events),
  });
  progress.end();
  say(
    `${summary(written, options)} in ${folder}, ${seconds(started)}`,
    `the truth about them: ${truthFolder}`,
    '',
    'A night on these files:',
    `  MATINEE_CONFIG=${written.config} npx matinee nightly --date ${lastDay(audience.until)} --wait`,
    '  (or copy its `sources` into your own matinee.config.yaml)',
  );
}

async function intoStore(
  settings: Settings,
  options: SimulateOptions,
  truthFolder: string | undefined,
): Promise<void> {
  await withStore(settings, async (context) => {
    const started = performance.now();
    const audience = audienceOf(options, settings.config.ages, systemClock.now());
    const progress = progressOf(options.viewers);
    const truth =
      truthFolder === undefined ? null : await openTruth(resolve(truthFolder), options.exposures ?? false);
    const loaded = await loadSimulated({
      store: context.store,
      source: sourceOf(options, audience.until),
      audience,
      truth,
      mayMix: options.mix ?? false,
      onViewer: (done, events) => progress.at(done, events),
    });
    progress.end();
    await context.refreshFormula();
    const known = loaded.events - loaded.written;
    say(
      `${summary(loaded, options)} in the operational store, ${seconds(started)}` +
        (known > 0 ? ` (${known.toLocaleString('en')} events were there already)` : ''),
      '',
      'Next:',
      `  npx matinee nightly --date ${lastDay(audience.until)} --wait`,
      '  npx matinee recommend sim-000001-1',
    );
  });
}

function summary(
  { films, viewers, events }: { films: number; viewers: number; events: number },
  { days, seed, variant }: SimulationPlan,
): string {
  const n = (count: number) => count.toLocaleString('en');
  return `${n(films)} films, ${n(viewers)} viewers, ${n(events)} events of ${days} days (simulated, seed ${seed}, ${variant})`;
}

function progressOf(viewers: number) {
  const { stderr } = process;
  return createProgress({
    of: viewers,
    now: () => performance.now(),
    write: (text) => stderr.write(text),
    isTerminal: stderr.isTTY === true,
  });
}

const seconds = (started: number) => `${((performance.now() - started) / 1000).toFixed(1)} s`;
const say = (...lines: string[]) => process.stdout.write(`${lines.join('\n')}\n`);
