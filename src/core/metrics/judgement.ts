import type { MetricsAtK } from '../../contracts/index.js';
import { sharedFloat64, sharedInt32 } from '../als/cells.js';
import type { Blend } from '../ranking/blend.js';
import type { ItemWeights } from '../ranking/taste-source.js';
import type { FilmLists } from './film-lists.js';
import { auc, averagePrecision, f1, hit, ndcg, precision, recall, reciprocalRank } from './definitions.js';

/** What ranks the films. A score of −Infinity means "unknown to this model": ranked after all others. */
export type Scorer =
  | { kind: 'shared'; name: string; /** films */ scores: Float64Array }
  | GroupedScorer
  | TasteScorer
  | BlendScorer;

/** A model's own scores of a judgement's viewers (ranking/taste-source.ts). */
export type TasteScorer = FactorScorer | ItemScorer;

export interface FactorScorer {
  kind: 'factors';
  name: string;
  /** Floats of a row. */
  stride: number;
  /** viewers × stride */
  viewers: Float32Array;
  /** rows × stride */
  films: Float32Array;
  /** Row of each catalogue film in `films`; −1 = none. */
  rowOfFilm: Int32Array;
}

export interface ItemScorer {
  kind: 'items';
  name: string;
  items: ItemWeights;
  /** Rows that each viewer liked. */
  histories: FilmLists;
  /** Row of each catalogue film, of the learnt ones; −1 = none. */
  rowOfFilm: Int32Array;
}

/** The order in which a model's films are served: exactly what scoring does with the same model. */
export interface BlendScorer {
  kind: 'blend';
  name: string;
  taste: TasteScorer;
  /** As in `taste`, with new films in the rows past `blend.known`. */
  rowOfFilm: Int32Array;
  blend: Blend;
  /** Places of a list, of which new films get their quota (ranking/new-films.ts). */
  listSize: number;
  /** viewers × genres */
  genreTaste: Float64Array;
}

/** One ranking for each group of viewers. */
export interface GroupedScorer {
  kind: 'grouped';
  name: string;
  /** groups × films */
  scores: Float64Array;
  groupOf: Int32Array;
}

/**
 * A full-catalogue judgement: any scorers over the same viewers. Films are numbered in ascending id order, so the lower
 * number wins a tie. A viewer's candidates are all films that are neither in `seen` nor hidden from the viewer's class
 * (market and age); or, with `candidates`, exactly those (the 1+99 protocol). Relevant films must be candidates.
 */
export interface Judgement {
  films: number;
  relevant: FilmLists;
  seen: FilmLists;
  /** Class of each viewer; classes × films: 1 = hidden. */
  classOf: Int32Array;
  hidden: Uint8Array;
  candidates: FilmLists | null;
  /** Ascending. */
  ks: number[];
  scorers: Scorer[];
  /** Films that a filter keeps out because the viewer disliked them; a part of `seen`. */
  disliked?: FilmLists;
  /** Train positives drawn per viewer, to measure how well the train part itself is ranked; a part of `seen`. */
  resample?: FilmLists;
  /** Out, per scorer: viewers × ks × METRICS. */
  values: Float64Array[];
  /** Out, per scorer: the rank of each entry of `relevant.film` among the viewer's candidates. */
  ranks: Int32Array[];
  /** Out, per scorer: viewers × the largest k, best film first; −1 = no more candidates. */
  tops: Int32Array[];
  /** Out, per scorer: disliked films in each viewer's top 10, were they not filtered. */
  dislikedRaw: Int32Array[];
  /** Out, per scorer: NDCG@10 of each viewer's `resample` among candidates and itself; 0 for nobody's resample. */
  resampled: Float64Array[];
  /** Out, per scorer: ks × films, 1 = in somebody's top k. */
  covered: Uint8Array[];
}

/** Per-viewer metrics, in the order they are stored. */
export const METRICS = ['ndcg', 'recall', 'precision', 'f1', 'map', 'mrr', 'hit', 'auc'] as const;
export type Metric = (typeof METRICS)[number];

type Measured = 'values' | 'covered' | 'ranks' | 'tops' | 'dislikedRaw' | 'resampled';
export type JudgementInput = Omit<Judgement, Measured>;

export function createJudgement(input: JudgementInput): Judgement {
  const viewers = input.relevant.start.length - 1;
  return {
    ...input,
    values: input.scorers.map(() => sharedFloat64(viewers * input.ks.length * METRICS.length)),
    covered: input.scorers.map(() => new Uint8Array(new SharedArrayBuffer(input.ks.length * input.films))),
    ranks: input.scorers.map(() => sharedInt32(input.relevant.film.length)),
    tops: input.scorers.map(() => sharedInt32(viewers * (input.ks.at(-1) ?? 0)).fill(-1)),
    dislikedRaw: input.scorers.map(() => sharedInt32(viewers)),
    resampled: input.scorers.map(() => sharedFloat64(viewers)),
  };
}

/** A viewer's list by a scorer, best film first, as long as there were candidates. */
export function topOf({ ks, tops }: Judgement, scorer: number, viewer: number): Int32Array {
  const size = ks.at(-1) ?? 0;
  const list = tops[scorer]!.subarray(viewer * size, (viewer + 1) * size);
  const end = list.indexOf(-1);
  return end < 0 ? list : list.subarray(0, end);
}

/** One metric of every viewer at the ks index `at`. */
export function valuesOf(judgement: Judgement, scorer: number, at: number, metric: Metric): Float64Array {
  const viewers = judgement.relevant.start.length - 1;
  const column = METRICS.indexOf(metric);
  const values = judgement.values[scorer]!;
  const found = new Float64Array(viewers);
  const width = judgement.ks.length * METRICS.length;
  for (let u = 0, from = at * METRICS.length + column; u < viewers; u++, from += width)
    found[u] = values[from]!;
  return found;
}

/** Macro means over viewers; coverage = films in any top k ÷ `catalogue`. */
export function summarise(
  judgement: Judgement,
  scorer: number,
  catalogue: number,
): Record<string, MetricsAtK> {
  return Object.fromEntries(
    judgement.ks.map((k, at) => {
      const mean = (metric: Metric) => meanOf(valuesOf(judgement, scorer, at, metric));
      const covered = judgement.covered[scorer]!.subarray(at * judgement.films, (at + 1) * judgement.films);
      const metrics: MetricsAtK = {
        ndcg: mean('ndcg'),
        recall: mean('recall'),
        precision: mean('precision'),
        f1: mean('f1'),
        map: mean('map'),
        mrr: mean('mrr'),
        hit: mean('hit'),
        auc: mean('auc'),
        coverage: covered.reduce((n, bit) => n + bit, 0) / catalogue,
      };
      return [String(k), metrics];
    }),
  );
}

/** Writes a viewer's metrics from the ranks of its relevant films. */
export function writeMetrics(
  { ks }: Judgement,
  out: Float64Array,
  viewer: number,
  ranks: readonly number[],
  candidates: number,
): void {
  ks.forEach((k, at) => {
    const from = (viewer * ks.length + at) * METRICS.length;
    const row: Record<Metric, number> = {
      ndcg: ndcg(ranks, k),
      recall: recall(ranks, k),
      precision: precision(ranks, k),
      f1: f1(ranks, k),
      map: averagePrecision(ranks, k),
      mrr: reciprocalRank(ranks),
      hit: hit(ranks, k),
      auc: auc(ranks, candidates),
    };
    METRICS.forEach((metric, column) => {
      out[from + column] = row[metric];
    });
  });
}

export function meanOf(values: Float64Array): number {
  let total = 0;
  for (const value of values) total += value;
  return values.length === 0 ? 0 : total / values.length;
}
