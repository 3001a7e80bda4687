import type { Config } from '../../contracts/config.js';
import type { MetricsAtK } from '../../contracts/report.js';
import { EASE_MAX_FILMS } from '../../core/ease/workspace.js';
import { roundsOf, successiveHalving } from '../../core/tune/halving.js';
import { drawSettings } from '../../core/tune/settings.js';
import type { Experiment } from './experiment.js';
import type { Compute } from './fit.js';
import { innerSplit } from './inner-split.js';
import { type MeasureOptions, measure } from './measure.js';

/** A model that was tried on the inner split, and the metric at k that chooses there. */
export interface Tried {
  model: 'als' | 'ease';
  lambda: number;
  /** Of ALS. */
  k?: number;
  alpha0?: number;
  score: number;
}

/** Scores nearer than this part are one: with a choice among many settings, chance alone lifts the best by as much. */
const TIE = 0.005;

export interface Choice {
  /** Best first; of equal ones the earlier, ALS before EASE; before all of ALS the config's own, unless it is beaten (`TIE`). */
  tried: Tried[];
  /** The config with the best setting of ALS, and EASE's best λ. */
  config: Config;
  easeLambda: number;
}

type Options = Omit<MeasureOptions, 'models' | 'easeLambda'> & { by: keyof MetricsAtK };

/**
 * Tries models on an inner split of the train part. ALS: the config's own setting and `tries` drawn ones (`tune` in the
 * config says from where), by successive halving. EASE: each λ of the config.
 */
export async function chooseSettings(
  models: ('als' | 'ease')[],
  tries: number,
  experiment: Experiment,
  options: Options,
  compute: Compute,
): Promise<Choice> {
  const { config } = options;
  const wanted = models.filter((model) => model === 'als' || experiment.films.length <= EASE_MAX_FILMS);
  const [first = 1] = config.ease.lambdas;
  if (wanted.length === 0) return { tried: [], config, easeLambda: first };
  const inner = innerSplit(experiment, config.ials.seed);
  const als = wanted.includes('als') ? await tryAls(inner, tries, options, compute) : [];
  const ease = wanted.includes('ease') ? await tryEase(inner, options, compute) : [];
  const best = chosenAls(als, config.ials);
  return {
    tried: chosenFirst(
      [...als, ...ease].sort((a, b) => b.score - a.score),
      best,
    ),
    config: best === undefined ? config : { ...config, ials: { ...config.ials, ...settingOf(best) } },
    easeLambda: ease[0]?.lambda ?? first,
  };
}

/** The best of ALS; the config's own setting, where it is as good. `als`: best first. */
export function chosenAls(als: Tried[], { k, alpha0, lambda }: Config['ials']): Tried | undefined {
  const own = als.find((one) => one.k === k && one.alpha0 === alpha0 && one.lambda === lambda);
  return own !== undefined && own.score >= (1 - TIE) * (als[0]?.score ?? 0) ? own : als[0];
}

/** What ALS is measured with comes before what else was tried of it. */
export function chosenFirst(tried: Tried[], als: Tried | undefined): Tried[] {
  if (als === undefined) return tried;
  const at = tried.findIndex(({ model }) => model === 'als');
  const others = tried.filter((one) => one !== als);
  return [...others.slice(0, at), als, ...others.slice(at)];
}

const settingOf = ({ k, alpha0, lambda }: Tried) => ({
  lambda,
  ...(k === undefined || alpha0 === undefined ? {} : { k, alpha0 }),
});

/** The last round, best first. */
async function tryAls(
  inner: Experiment,
  tries: number,
  options: Options,
  compute: Compute,
): Promise<Tried[]> {
  const { ials, tune } = options.config;
  // ν stays: at another one λ means something else, and the half-lives are of signals, which binary pairs do not have.
  const draws = tries === 0 ? [] : drawSettings({ ...tune, nu: [ials.nu], halfLife: [1] }, tries, tune.seed);
  const settings = [
    { k: ials.k, alpha0: ials.alpha0, lambda: ials.lambda },
    ...draws.map(({ k, alpha0, lambdaAt1 }) => ({ k, alpha0, lambda: lambdaAt1 })),
  ];
  const rounds = tries === 0 ? [{ settings: 1, epochs: ials.epochsCold }] : roundsOf(tries, ials.epochsCold);
  const last = await successiveHalving(
    settings,
    rounds,
    async (setting, number, { epochs, settings: of }) => {
      options.say(
        `inner split: als ${number + 1} (${of} for ${epochs} epochs), k ${setting.k} α₀ ${setting.alpha0} λ ${setting.lambda}`,
      );
      const config = { ...options.config, ials: { ...ials, ...setting, epochsCold: epochs } };
      const measured = await measure(inner, { ...options, config, models: ['als'], easeLambda: 0 }, compute);
      return measured.metrics.als?.[options.by] ?? Number.NaN;
    },
  );
  return last.map(({ setting, score }) => ({ model: 'als', ...setting, score }));
}

async function tryEase(inner: Experiment, options: Options, compute: Compute): Promise<Tried[]> {
  const tried: Tried[] = [];
  for (const lambda of options.config.ease.lambdas) {
    options.say(`inner split: ease, λ ${lambda}`);
    const measured = await measure(inner, { ...options, models: ['ease'], easeLambda: lambda }, compute);
    tried.push({ model: 'ease', lambda, score: measured.metrics.ease?.[options.by] ?? 0 });
  }
  return tried.sort((a, b) => b.score - a.score);
}
