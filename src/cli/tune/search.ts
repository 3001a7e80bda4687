import { fitScorer } from '../../activities/fit-scorer.js';
import { blendScorer } from '../../activities/judgement-blend.js';
import type { TrainPart } from '../../activities/train-part.js';
import type { Config, Trial, Tuning } from '../../contracts/index.js';
import { createArena } from '../../core/als/arena.js';
import { copyCells } from '../../core/als/cells.js';
import { ModelDiverged } from '../../core/als/train.js';
import { type Judgement, createJudgement, meanOf, valuesOf } from '../../core/metrics/judgement.js';
import { type Round, roundsOf, successiveHalving } from '../../core/tune/halving.js';
import { type Setting, drawSettings, lambdaFor, massOf, withSetting } from '../../core/tune/settings.js';
import { fragmentOf } from './fragment.js';
import type { History } from './history.js';
import type { TuneDeps, TuningData } from './tuning-data.js';

/** The K of the NDCG that decides, here as at the gate. */
const K = 10;

export interface SearchOptions {
  search: string;
  budget: number;
  signal: AbortSignal;
  /** Progress inside a fit. */
  say: (step: string) => void;
  /** After each fit, of this run or of an earlier one. */
  onTrial: (trial: Trial, isNew: boolean) => void;
  /** Milliseconds, for the time that fits take. */
  now: () => number;
}

/**
 * Successive halving over the config's own setting and `budget` drawn ones. Every fit starts from its seeds, so that its score
 * depends on the setting and the epochs alone, and a search that goes on after a kill ends as one that was left alone.
 */
export async function searchSettings(
  deps: TuneDeps,
  data: TuningData,
  history: History,
  options: SearchOptions,
): Promise<Tuning> {
  const { config } = deps;
  const settings = await settingsOf(config, data, options.budget);
  const rounds = roundsOf(options.budget, config.ials.epochsCold);
  const last = await successiveHalving(settings, rounds, async (setting, number, round, n) => {
    const earlier = history.find(n, number);
    const trial = earlier ?? (await tryOne(deps, data, options, { setting, number, round, n }));
    if (earlier === undefined) await history.add(trial);
    options.onTrial(trial, earlier === undefined);
    return trial.ndcg ?? Number.NaN;
  });
  return conclude(deps, data, last[0]!, settings[0]!, history.trials.length, options);
}

/** The rounds and how many fits a search has in all. */
export function planOf(config: Config, budget: number): { rounds: Round[]; fits: number } {
  const rounds = roundsOf(budget, config.ials.epochsCold);
  return { rounds, fits: rounds.reduce((sum, { settings }) => sum + settings, 0) };
}

/** The config's own setting, then the drawn ones, each with the λ of its ν. */
async function settingsOf(config: Config, data: TuningData, budget: number): Promise<Setting[]> {
  const settings = [ownSetting(config)];
  for (const draw of drawSettings(config.tune, budget, config.tune.seed)) {
    const { training } = await partOf(config, data, draw.halfLife);
    const sides = [massOf(training.byViewer), massOf(training.byFilm)];
    const { k, alpha0, nu, halfLife } = draw;
    settings.push({ k, alpha0, lambda: lambdaFor(draw, sides), nu, halfLife });
  }
  return settings;
}

function ownSetting({ ials: { k, alpha0, lambda, nu } }: Config): Setting {
  return { k, alpha0, lambda, nu, halfLife: 1 };
}

function partOf(config: Config, data: TuningData, halfLife: number): Promise<TrainPart> {
  const setting = { ...config.ials, halfLife };
  return data.trainPart(withSetting(config, setting), `half-lives-${halfLife}`);
}

async function tryOne(
  deps: TuneDeps,
  data: TuningData,
  options: SearchOptions,
  { setting, number, round, n }: { setting: Setting; number: number; round: Round; n: number },
): Promise<Trial> {
  const started = options.now();
  const trial = { round: n, number, epochs: round.epochs, setting };
  const seconds = () => Math.round((options.now() - started) / 10) / 100;
  try {
    const judgement = await judge(deps, data, [{ setting, epochs: round.epochs }], false, options);
    return { ...trial, ndcg: ndcgOf(judgement, 0), taste: ndcgOf(judgement, 1), seconds: seconds() };
  } catch (error) {
    if (!(error instanceof ModelDiverged)) throw error;
    return { ...trial, ndcg: null, taste: null, seconds: seconds() };
  }
}

const ndcgOf = (judgement: Judgement, scorer: number) => meanOf(valuesOf(judgement, scorer, 0, 'ndcg'));

/** Fits settings and ranks the drawn viewers' catalogue by each: its served order, then its taste alone; then popularity. */
async function judge(
  { config, trainer, judge: judging }: TuneDeps,
  data: TuningData,
  wanted: { setting: Setting; epochs: number }[],
  withPopularity: boolean,
  { signal, say }: SearchOptions,
): Promise<Judgement> {
  const { blend, lists, popularity } = data.judged;
  const scorers: Judgement['scorers'] = [];
  for (const { setting, epochs } of wanted) {
    const own = withSetting(config, setting);
    const part = await partOf(config, data, setting.halfLife);
    const arena = createArena();
    const training = {
      ...part.training,
      arena,
      byViewer: copyCells(part.training.byViewer, arena),
      byFilm: copyCells(part.training.byFilm, arena),
    };
    const fit = await fitScorer(trainer, {
      name: 'fit',
      kind: 'als',
      config: { ...own, ials: { ...own.ials, epochsCold: epochs } },
      training,
      rowOfFilm: part.rowOfFilm,
      rowOfViewer: part.rowOfViewer,
      signal,
      say: (details) => say((details as { step: string }).step),
    });
    scorers.push(blendScorer(fit, training, blend, config), fit.scorer);
  }
  if (withPopularity) scorers.push({ kind: 'grouped', name: 'popularity', ...popularity });
  const judgement = createJudgement({
    ...lists,
    films: data.data.catalogue,
    candidates: null,
    ks: [K],
    scorers,
  });
  await judging.rank(judgement, {
    threads: config.ials.threads,
    signal,
    onProgress: (done, of) => say(`ranking ${Math.floor((100 * done) / of)} %`),
  });
  return judgement;
}

/** The best of the last round and the config's own once more, viewer by viewer. */
async function conclude(
  deps: TuneDeps,
  data: TuningData,
  best: { setting: Setting; number: number },
  current: Setting,
  fits: number,
  options: SearchOptions,
): Promise<Tuning> {
  const { config } = deps;
  const epochs = config.ials.epochsCold;
  const wanted = [best.setting, current].map((setting) => ({ setting, epochs }));
  const judgement = await judge(deps, data, wanted, true, options);
  const theirs = valuesOf(judgement, 2, 0, 'ndcg');
  const difference = valuesOf(judgement, 0, 0, 'ndcg').map((value, n) => value - theirs[n]!);
  const { bootstrap, seed } = config.evaluate;
  const interval = await deps.judge.interval(difference, {
    seed,
    resamples: bootstrap,
    threads: config.ials.threads,
    signal: options.signal,
  });
  const scored = (at: number) => ({ ndcg: ndcgOf(judgement, at), taste: ndcgOf(judgement, at + 1) });
  const { kind, cutoff, asOf } = data.plan;
  return {
    search: options.search,
    split: kind,
    cutoff,
    asOf,
    viewers: data.judged.pids.length,
    budget: options.budget,
    fits,
    popularity: ndcgOf(judgement, 4),
    current: { setting: current, ...scored(2) },
    best: { number: best.number, setting: best.setting, ...scored(0) },
    difference: interval,
    fragment: best.number === 0 ? '' : fragmentOf(config, best.setting),
  };
}
