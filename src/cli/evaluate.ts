import { join } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { createWarehouse } from '../adapters/duckdb/warehouse.js';
import { readFilmFacts } from '../adapters/datasets/film-facts.js';
import { FAMILIES, type Family, LayoutError, findLayout } from '../adapters/datasets/layouts.js';
import { createThreads } from '../adapters/threads/crew.js';
import { createJudge } from '../adapters/threads/judge.js';
import { createTrainer } from '../adapters/threads/trainer.js';
import { type Settings, loadSettings } from '../config.js';
import type { MetricsAtK } from '../contracts/report.js';
import type { FilmFacts } from '../core/als/film-features.js';
import type { Interval } from '../core/metrics/bootstrap.js';
import { loadExperiment } from './evaluate/experiment.js';
import { type Tried, chooseSettings } from './evaluate/choose.js';
import { UsageError } from './errors.js';
import { integerOption } from './options.js';
import { createProgress } from './progress.js';
import { MODELS, type Measured, type ModelName, measure } from './evaluate/measure.js';

type Wanted = ModelName | 'auto';

interface EvaluateFlags {
  train: string[];
  test: string[];
  negatives?: string;
  seen?: string[];
  facts?: { family: Family; folder: string };
  model: Wanted[];
  preference: 'binary' | 'signals';
  relevantFrom?: number;
  k: number;
  tries: number;
  /** Default ndcg. */
  by?: keyof MetricsAtK;
  seed?: number;
  json?: boolean;
}

/** What `matinee evaluate --json` prints. */
export interface Evaluation {
  model: ModelName;
  k: number;
  protocol: string;
  n: number;
  /** With `--facts`: films that were trained on, and those of them that the content prior knows something of. */
  facts?: { films: number; known: number };
  metrics: MetricsAtK;
  baselines: Partial<Record<ModelName, MetricsAtK>>;
  /** NDCG@k minus popularity's over the same viewers, with one-sided 95 % bounds. */
  ahead?: Interval;
  /** What reached the last round on an inner split of train, best first; there when something was to choose. */
  tried?: Tried[];
  seconds: number;
  cpuSeconds: number;
  peakMiB: number;
}

export function registerEvaluate(program: Command): void {
  program
    .command('evaluate')
    .description(
      "train on files and measure on others, with the product's own trainer and metrics; needs no server",
    )
    .requiredOption(
      '--train <files...>',
      'pairs to train on: viewer, film[, rating[, timestamp]] (TSV, CSV, ::, or lines of viewer film film …; .gz)',
    )
    .requiredOption('--test <files...>', 'pairs to find again')
    .option(
      '--negatives <file>',
      'rank each test film against sampled films only: lines of (viewer,film), tab, films',
    )
    .option('--seen <files...>', 'pairs that are neither trained on nor listed, such as a validation part')
    .option(
      '--facts <family:folder>',
      `a folder as import takes it (${FAMILIES.join(', ')}): als then learns with a prior by genres, people, year, …, as at night`,
      parseFacts,
    )
    .addOption(
      new Option(
        '--model <names>',
        `auto, or ${MODELS.join(', ')}, separated by commas; the first is the model, the others join the baselines`,
      )
        .argParser(parseModels)
        .default(['auto'], 'auto'),
    )
    .addOption(
      new Option(
        '--preference <kind>',
        'binary: every pair counts alike; signals: by rating, as the nightly run does, with its eligibility floors',
      )
        .choices(['binary', 'signals'])
        .default('binary'),
    )
    .option('--relevant-from <rating>', 'a test pair rated below it is not relevant', parseNumber)
    .option('-k, --k <n>', 'length of the list that is measured', parseCount, 10)
    .option(
      '--tries <n>',
      'settings of als to try on a part of the train files, beside the one of the config; 0: none',
      integerOption(0, 1000),
      12,
    )
    .addOption(
      new Option('--by <metric>', 'what chooses models and settings on that part')
        .choices(['ndcg', 'recall', 'precision', 'f1', 'map', 'mrr', 'hit', 'auc'])
        .default('ndcg'),
    )
    .option('--seed <n>', "seed of the factors' start and of that part", parseSeed)
    .option('--json', 'print JSON')
    .action(async (flags: EvaluateFlags) => {
      const progress = createProgress();
      const evaluation = await evaluateFiles(flags, progress.say).finally(progress.clear);
      process.stdout.write(
        flags.json === true ? `${JSON.stringify(evaluation, null, 2)}\n` : table(evaluation),
      );
    });
}

/** Trains and measures; `seconds`, `cpuSeconds` and `peakMiB` are of this process, files included. */
export async function evaluateFiles(flags: EvaluateFlags, say: (text: string) => void): Promise<Evaluation> {
  const started = performance.now();
  const cpu = process.cpuUsage();
  if (flags.facts !== undefined && !flags.model.some((name) => name === 'als' || name === 'auto')) {
    throw new UsageError(
      `--facts would change nothing: only als has a prior by facts, and --model is ${flags.model.join(',')}; add als or leave out --facts`,
    );
  }
  const settings = loadSettings();
  const { config } = settings;
  const facts = flags.facts === undefined ? null : await readFacts(flags.facts, settings);
  const experiment = await loadExperiment(
    {
      facts,
      train: flags.train,
      test: flags.test,
      negatives: flags.negatives,
      seen: flags.seen ?? [],
      relevantFrom: flags.relevantFrom,
    },
    say,
  );
  const threads = createThreads();
  const compute = { threads, trainer: createTrainer(threads), judge: createJudge(threads) };
  const options = {
    preference: flags.preference,
    k: flags.k,
    by: flags.by ?? 'ndcg',
    config: { ...config, ials: { ...config.ials, seed: flags.seed ?? config.ials.seed } },
    say,
  };
  const { tried, ...chosen } = await chooseSettings(
    toChoose(flags),
    flags.tries,
    experiment,
    options,
    compute,
  );
  const best = tried[0]?.model ?? 'als';
  const wanted = flags.model.map((name) => (name === 'auto' ? best : name));
  const [model = best] = wanted;
  const baselines = baselinesOf(wanted, experiment.train.hasRatings);
  say(`test part: ${[model, ...baselines].join(', ')}`);
  const measured = await measure(
    experiment,
    { ...options, ...chosen, models: [...new Set([model, ...baselines])] },
    compute,
  );
  const used = process.cpuUsage(cpu);
  return {
    model,
    k: flags.k,
    protocol: measured.protocol,
    n: measured.n,
    ...(facts === null
      ? {}
      : {
          facts: {
            films: experiment.films.length,
            known: experiment.films.filter((id) => facts.has(id)).length,
          },
        }),
    metrics: metricsOf(measured, model),
    baselines: Object.fromEntries(baselines.map((name) => [name, metricsOf(measured, name)])),
    ...(measured.ahead === null ? {} : { ahead: measured.ahead }),
    ...(tried.length === 0 ? {} : { tried }),
    seconds: round((performance.now() - started) / 1000),
    cpuSeconds: round((used.user + used.system) / 1e6),
    peakMiB: Math.round(process.resourceUsage().maxRSS / 1024),
  };
}

async function readFacts(
  { family, folder }: NonNullable<EvaluateFlags['facts']>,
  { config, projectRoot }: Settings,
): Promise<Map<string, FilmFacts>> {
  if (config.ials.priorGamma === null) {
    throw new UsageError(
      '--facts would change nothing: ials.priorGamma is null in the config, which means no prior',
    );
  }
  const warehouse = createWarehouse({ models: join(projectRoot, 'warehouse'), ...config.warehouse });
  try {
    return await readFilmFacts(warehouse, await findLayout(family, folder));
  } catch (error) {
    throw error instanceof LayoutError ? new UsageError(`--facts: ${error.message}`) : error;
  }
}

/** Models of which there is something to choose. */
function toChoose({ model, tries }: Pick<EvaluateFlags, 'model' | 'tries'>): ('als' | 'ease')[] {
  if (model.includes('auto')) return ['als', 'ease'];
  return [
    ...(model.includes('als') && tries > 0 ? (['als'] as const) : []),
    ...(model.includes('ease') ? (['ease'] as const) : []),
  ];
}

/** Popularity stands in every table, the formula where there are ratings to weigh, and what was asked for besides. */
function baselinesOf([, ...others]: ModelName[], hasRatings: boolean): ModelName[] {
  return [
    ...new Set<ModelName>(['popularity', ...(hasRatings ? (['weighted-rating'] as const) : []), ...others]),
  ];
}

function metricsOf({ metrics }: Measured, model: ModelName): MetricsAtK {
  const found = metrics[model];
  if (found === undefined) throw new Error(`no metrics of ${model}`);
  return found;
}

function parseModels(value: string): Wanted[] {
  return value.split(',').map((name) => {
    const model = (['auto', ...MODELS] as const).find((known) => known === name.trim());
    if (model === undefined)
      throw new InvalidArgumentError(`${name} is not one of auto, ${MODELS.join(', ')}`);
    return model;
  });
}

function parseFacts(value: string): EvaluateFlags['facts'] {
  const at = value.indexOf(':');
  const family = FAMILIES.find((name) => name === value.slice(0, Math.max(at, 0)));
  const folder = value.slice(at + 1);
  if (family === undefined || folder === '') {
    throw new InvalidArgumentError(
      `expected a family and a folder, such as movielens:ml-100k (${FAMILIES.join(', ')})`,
    );
  }
  return { family, folder };
}

function parseNumber(value: string): number {
  const number = Number(value);
  if (value.trim() === '' || !Number.isFinite(number)) throw new InvalidArgumentError('expected a number');
  return number;
}

function parseCount(value: string): number {
  const count = parseNumber(value);
  if (!Number.isInteger(count) || count < 1) throw new InvalidArgumentError('expected a whole number from 1');
  return count;
}

function parseSeed(value: string): number {
  const seed = parseNumber(value);
  if (!Number.isSafeInteger(seed)) throw new InvalidArgumentError('expected a whole number');
  return seed;
}

const round = (value: number) => Math.round(value * 100) / 100;

const COLUMNS = ['ndcg', 'recall', 'precision', 'f1', 'map', 'mrr', 'hit', 'auc', 'coverage'] as const;

function table(evaluation: Evaluation): string {
  const others = Object.entries(evaluation.baselines).filter(([name]) => name !== evaluation.model);
  const rows = [[evaluation.model, evaluation.metrics] as const, ...others];
  const width = Math.max(...rows.map(([name]) => name.length), 5);
  const header = ['model'.padEnd(width), ...COLUMNS.map((name) => name.padStart(9))].join(' ');
  const lines = rows.map(([name, metrics]) =>
    [name.padEnd(width), ...COLUMNS.map((column) => metrics[column].toFixed(4).padStart(9))].join(' '),
  );
  const ranking = evaluation.protocol === 'full' ? 'full ranking' : `${evaluation.protocol} protocol`;
  const { ahead, facts, tried = [] } = evaluation;
  const [chosen] = tried.filter(({ model }) => model === evaluation.model);
  return [
    `k ${evaluation.k}, ${ranking}, ${evaluation.n} viewers`,
    header,
    ...lines,
    ...(facts === undefined ? [] : [`als with a prior by facts of ${facts.known} of ${facts.films} films`]),
    ...(chosen === undefined ? [] : [`chosen on a part of the train files: ${settingText(chosen)}`]),
    ...(ahead === undefined
      ? []
      : [
          `NDCG@${evaluation.k} ahead of popularity by ${ahead.mean.toFixed(4)} (${ahead.lower.toFixed(4)} … ${ahead.upper.toFixed(4)}, 90 %)`,
        ]),
    `${evaluation.seconds} s, ${evaluation.cpuSeconds} CPU s, peak ${evaluation.peakMiB} MiB`,
    '',
  ].join('\n');
}

const settingText = ({ model, k, alpha0, lambda }: Tried): string =>
  model === 'ease' ? `ease, λ ${lambda}` : `als, k ${k} α₀ ${alpha0} λ ${lambda}`;
