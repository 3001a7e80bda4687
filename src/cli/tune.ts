import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { buildRelevance, buildTrainPart } from '../activities/interactions.js';
import { snapshotFactsSchema, snapshotFiles } from '../activities/snapshot.js';
import { createArtifactStore } from '../adapters/artifacts/artifact-store.js';
import { newestFeatures } from '../adapters/duckdb/catalogue.js';
import { createWarehouse } from '../adapters/duckdb/warehouse.js';
import { createThreads } from '../adapters/threads/crew.js';
import { createJudge } from '../adapters/threads/judge.js';
import { createTrainer } from '../adapters/threads/trainer.js';
import { CONFIG_NAME, type Settings, loadSettings } from '../config.js';
import { type Config, type Tuning, tuningSchema } from '../contracts/index.js';
import { recipeOf } from '../core/als/recipe.js';
import { tuningPage } from '../core/tune/page.js';
import { UsageError } from './errors.js';
import { integerOption } from './options.js';
import { withFolder } from './tune/claim.js';
import { openHistory } from './tune/history.js';
import { planOf, searchSettings } from './tune/search.js';
import { withTuningData } from './tune/tuning-data.js';
import { createTrialView, describeTuning } from './tune/view.js';

interface TuneFlags {
  budget?: number;
  seed?: number;
  json?: boolean;
}

export function registerTune(program: Command): void {
  program
    .command('tune')
    .description(
      "search ALS's k, α₀, λ, ν and the half-lives on the newest night's data, on the week before the one that the gate judges " +
        'on; needs no server, and goes on where it was when it is started again',
    )
    .option(
      '--budget <n>',
      'settings to try beside the current one (default: tune.budget)',
      integerOption(1, 1000),
    )
    .option('--seed <n>', 'seed of what is drawn (default: tune.seed)', integerOption(0, 2 ** 31))
    .option('--json', 'print the result as JSON')
    .action(async (flags: TuneFlags) => {
      const settings = loadSettings();
      const { tuning, folder } = await tune(settings, flags, process.stderr);
      // Not one in the working folder where the home has its own: it would hide all that is in that.
      const { configFile, home } = settings;
      const file = { path: configFile ?? join(home, CONFIG_NAME), isThere: configFile !== undefined };
      process.stdout.write(
        flags.json === true
          ? `${JSON.stringify(tuning, null, 2)}\n`
          : `${describeTuning(tuning, file)}\nfits, page and fragment: ${folder}\n`,
      );
    });
}

/** Searches, or goes on with a search of the same data, config and seed; a finished one is only read. */
export async function tune(
  settings: Settings,
  flags: TuneFlags,
  out: Pick<NodeJS.WriteStream, 'write' | 'isTTY'>,
): Promise<{ tuning: Tuning; folder: string }> {
  const config = withFlags(settings.config, flags);
  if (config.model === 'ease') {
    throw new UsageError(
      'tune searches the settings of ALS, and with model: ease no night has them; set model: als or auto, or choose ease.lambda by ' +
        'matinee evaluate --model ease',
    );
  }
  const newest = await newestData({ ...settings, config });
  const search = `${newest.source.asOf.slice(0, 10)}-${newest.key}`;
  const folder = join(settings.home, 'tune', search);
  const finished = await readFile(join(folder, 'result.json'), 'utf8').catch(() => null);
  if (finished !== null) return { tuning: tuningSchema.parse(JSON.parse(finished)), folder };
  return withFolder(folder, async () => ({
    tuning: await runSearch({ config, newest, search, folder }, out),
    folder,
  }));
}

async function runSearch(
  {
    config,
    newest,
    search,
    folder,
  }: { config: Config; newest: Awaited<ReturnType<typeof newestData>>; search: string; folder: string },
  out: Pick<NodeJS.WriteStream, 'write' | 'isTTY'>,
): Promise<Tuning> {
  const history = await openHistory(join(folder, 'trials.ndjson'));
  const view = createTrialView(planOf(config, config.tune.budget), out);
  const threads = createThreads();
  const deps = {
    config,
    warehouse: newest.warehouse,
    trainer: createTrainer(threads),
    judge: createJudge(threads),
    split: { buildTrainPart, buildRelevance, snapshotFiles },
  };
  const { signal } = new AbortController();
  out.write(`search ${search}: reading behaviour\n`);
  const input = { ...newest, scratch: folder, signal, say: (step: string) => view.step(step) };
  const tuning = await withTuningData(deps, input, async (data) => {
    view.clear();
    view.head();
    return searchSettings(deps, data, history, {
      search,
      budget: config.tune.budget,
      signal,
      say: (step) => view.step(step),
      onTrial: (trial, isNew) => view.trial(trial, isNew),
      now: () => performance.now(),
    });
  });
  view.clear();
  await writeFile(join(folder, 'search.html'), tuningPage(tuning, history.trials));
  if (tuning.fragment !== '') await writeFile(join(folder, 'fragment.yaml'), tuning.fragment);
  await writeFile(join(folder, 'result.json'), JSON.stringify(tuning, null, 2)); // last: it says that all is there
  return tuning;
}

const withFlags = (config: Config, { budget, seed }: TuneFlags): Config => ({
  ...config,
  tune: {
    ...config.tune,
    ...(budget === undefined ? {} : { budget }),
    ...(seed === undefined ? {} : { seed }),
  },
});

/** Behaviour of the newest night that got as far as features, and a key of all that decides what a search over it finds. */
async function newestData({ warehouse: root, config, projectRoot }: Settings) {
  const artifacts = createArtifactStore(
    root,
    { codeSha256: '', configSha256: '' },
    { now: () => new Date() },
  );
  const night = await newestFeatures(artifacts);
  if (night === null) {
    throw new UsageError(`no night has run in ${root} yet: start one with "matinee nightly --wait"`);
  }
  const manifest = await artifacts.read(night.events.uri);
  const { lastDay } = snapshotFactsSchema.parse(manifest?.facts);
  const asOf = new Date(Date.parse(lastDay) + 86_400_000).toISOString();
  const { sourceSha256 } = JSON.parse(readFileSync(join(projectRoot, 'dist', 'build.json'), 'utf8')) as {
    sourceSha256: string;
  };
  const { events, films, viewers, featViewers } = night;
  const key = createHash('sha256')
    .update(recipeOf(config, sourceSha256, 'als'))
    .update(JSON.stringify([events, films, viewers, featViewers].map(({ sha256 }) => sha256)))
    .update(JSON.stringify([config.tune, config.evaluate, config.lists.buckets, config.ages]))
    .digest('hex')
    .slice(0, 12);
  return {
    key,
    warehouse: createWarehouse({ models: join(projectRoot, 'warehouse'), ...config.warehouse }),
    source: {
      asOf,
      events: await snapshotFiles(artifacts, events),
      films: await artifacts.files(films),
      viewers: await artifacts.files(viewers),
      config,
    },
    featViewers: await artifacts.files(featViewers),
  };
}
