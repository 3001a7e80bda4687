import type { MetricsAtK } from '../../contracts/index.js';
import { sharedFloat64 } from '../als/cells.js';
import type { FilmLists } from './film-lists.js';
import { auc, averagePrecision, f1, hit, ndcg, precision, recall, reciprocalRank } from './definitions.js';

/** What ranks the films. A score of −Infinity means "unknown to this model": ranked after all others. */
export type Scorer =
  | { kind: 'shared'; name: string; /** films */ scores: Float64Array }
  | {
      kind: 'factors';
      name: string;
      k: number;
      /** viewers × k */
      viewers: Float64Array;
      /** rows × k */
      films: Float64Array;
      /** Row of each catalogue film in `films`; −1 = none. */
      rowOfFilm: Int32Array;
    };

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
  /** Out, per scorer: viewers × ks × METRICS. */
  values: Float64Array[];
  /** Out, per scorer: ks × films, 1 = in somebody's top k. */
  covered: Uint8Array[];
}

/** Per-viewer metrics, in the order they are stored. */
export const METRICS = ['ndcg', 'recall', 'precision', 'f1', 'map', 'mrr', 'hit', 'auc'] as const;
export type Metric = (typeof METRICS)[number];

export type JudgementInput = Omit<Judgement, 'values' | 'covered'>;

export function createJudgement(input: JudgementInput): Judgement {
  const viewers = input.relevant.start.length - 1;
  return {
    ...input,
    values: input.scorers.map(() => sharedFloat64(viewers * input.ks.length * METRICS.length)),
    covered: input.scorers.map(() => new Uint8Array(new SharedArrayBuffer(input.ks.length * input.films))),
  };
}

/** One metric of every viewer at the ks index `at`. */
export function valuesOf(judgement: Judgement, scorer: number, at: number, metric: Metric): Float64Array {
  const viewers = judgement.relevant.start.length - 1;
  const column = METRICS.indexOf(metric);
  const values = judgement.values[scorer]!;
  return Float64Array.from(
    { length: viewers },
    (_, u) => values[(u * judgement.ks.length + at) * METRICS.length + column]!,
  );
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
