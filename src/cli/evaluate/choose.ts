import { randomOf } from '../../core/random/random.js';
import { EASE_MAX_FILMS } from '../../core/ease/workspace.js';
import { packLists } from '../../core/metrics/film-lists.js';
import type { Experiment } from './experiment.js';
import type { Compute } from './fit.js';
import { type MeasureOptions, measure } from './measure.js';
import { Pairs, groupBy } from './pairs.js';

/** A model that was tried on the inner split, and its NDCG@k there. */
export interface Tried {
  model: 'als' | 'ease';
  /** Of EASE. */
  lambda?: number;
  ndcg: number;
}

/** Share of a viewer's train pairs that the inner split holds back; a viewer of fewer than five keeps all. */
const HELD_BACK = 0.2;

/**
 * Tries models on an inner split of the train part, so that the test part chooses nothing: a seeded fifth of each viewer's
 * pairs is held back, ranked in full among the rest. Best first; of equal ones the earlier, ALS before EASE.
 */
export async function tryModels(
  models: ('als' | 'ease')[],
  experiment: Experiment,
  options: Omit<MeasureOptions, 'models' | 'easeLambda'>,
  compute: Compute,
): Promise<Tried[]> {
  const inner = innerSplit(experiment, options.config.ials.seed);
  const candidates = models.flatMap((model): Omit<Tried, 'ndcg'>[] => {
    if (model === 'als') return [{ model }];
    if (experiment.films.length > EASE_MAX_FILMS) return [];
    return options.config.ease.lambdas.map((lambda) => ({ model, lambda }));
  });
  const tried: Tried[] = [];
  for (const candidate of candidates) {
    const name = `${candidate.model}${candidate.lambda === undefined ? '' : ` λ ${candidate.lambda}`}`;
    options.say(`inner split: ${name}`);
    const measured = await measure(
      inner,
      { ...options, models: [candidate.model], easeLambda: candidate.lambda ?? 0 },
      compute,
    );
    tried.push({ ...candidate, ndcg: measured.metrics[candidate.model]?.ndcg ?? 0 });
  }
  return tried.sort((a, b) => b.ndcg - a.ndcg);
}

export function innerSplit({ train, viewerCount, films }: Experiment, seed: number): Experiment {
  const { start, order } = groupBy(train.viewer, train.count, viewerCount);
  const kept = new Pairs();
  kept.hasRatings = train.hasRatings;
  const viewers: number[] = [];
  const relevant: Int32Array[] = [];
  for (let viewer = 0; viewer < viewerCount; viewer++) {
    const own = order.slice(start[viewer], start[viewer + 1]);
    const random = randomOf('inner-split', seed, viewer);
    for (let n = own.length - 1; n > 0; n--) {
      const other = random.next() % (n + 1);
      [own[n], own[other]] = [own[other]!, own[n]!];
    }
    const held = own.length < 1 / HELD_BACK ? 0 : Math.floor(own.length * HELD_BACK);
    if (held > 0) {
      viewers.push(viewer);
      relevant.push(
        own
          .subarray(0, held)
          .map((pair) => train.film[pair]!)
          .sort(),
      );
    }
    for (const pair of own.subarray(held).sort()) {
      kept.push(viewer, train.film[pair]!, train.rating[pair]!, train.at[pair]!);
    }
  }
  return {
    train: kept,
    viewerCount,
    films,
    viewers: Int32Array.from(viewers),
    relevant: packLists(relevant),
    candidates: null,
    protocol: 'full',
  };
}
