import {
  type Comparison,
  type Conditions,
  type ListMetrics,
  type Report,
  configSchema,
} from '../../src/contracts/index.js';
import type { GateRules } from '../../src/core/gate/rules.js';

/** Reports by hand for tests of the gate: everything in order, unless a test says otherwise. */
export const RULES: GateRules = { ...configSchema.parse({}).gate, k: 10 };

const metrics = (ndcg: number) => ({
  ndcg,
  recall: 0.1,
  precision: 0.1,
  f1: 0.1,
  map: 0.1,
  mrr: 0.1,
  hit: 0.5,
  auc: 0.8,
  coverage: 0.2,
});

const LISTS: ListMetrics = {
  coverage50: 0.4,
  eligibleCoverage50: 0.5,
  tailShare: 0.2,
  popularity: 100,
  gini: 0.8,
  novelty: 10,
  ild: 0.8,
  ildFactors: 0.7,
  miscalibration: 0.5,
  freshness: 0.1,
  disliked: 0,
  dislikedRaw: 0.02,
};

export const CONDITIONS: Conditions = {
  agePairs: 50_000,
  ageViolations: 0,
  shortLists: 0,
  bytes: 1000,
  championBytes: 1000,
  lagHours: 1,
  isOfThisNight: true,
  matureShare: 0.85,
  leakedShare: 0.02,
  factors: 'a'.repeat(64),
  refitted: 'a'.repeat(64),
  notFinite: 0,
  envelope: { overlap: 0.9, normRatio: 1, lossRose: false },
};

export type Bounds = [mean: number, lower: number, upper: number];
export const PROVEN: Bounds = [0.1, 0.05, 0.15];
export const AHEAD: Bounds = [0.02, -0.01, 0.05];
export const EQUAL: Bounds = [0, -0.01, 0.01];
export const BEHIND: Bounds = [-0.02, -0.05, 0.01];
export const WORSE: Bounds = [-0.1, -0.15, -0.05];

/** Shares of the champion's mean. */
export function comparison(
  metric: Comparison['metric'],
  [mean, lower, upper]: Bounds,
  { viewers = 5000, required = 3000, plays = 'all' as Comparison['plays'], base = 0.3 } = {},
): Comparison {
  return {
    metric,
    plays,
    viewers,
    base,
    mean: mean * base,
    lower: lower * base,
    upper: upper * base,
    required,
  };
}

export interface Shape {
  popularity?: Bounds;
  formula?: Bounds;
  ndcg?: number;
  base?: number;
  split?: Report['split'];
  lists?: Partial<ListMetrics>;
  championLists?: Partial<ListMetrics>;
  conditions?: Partial<Conditions>;
  more?: Partial<Report>;
}

/** A candidate of 0.3 against baselines of 0.2 and a champion that it equals, unless the shape says otherwise. */
export function reportOf({
  popularity = PROVEN,
  formula = PROVEN,
  ndcg = 0.3,
  base = 0.2,
  split = 'last-7-days',
  lists = {},
  championLists = {},
  conditions = {},
  more = {},
}: Shape = {}): Report {
  const difference = (baseline: 'popularity' | 'weighted-rating', [mean, lower, upper]: Bounds) => ({
    baseline,
    mean,
    lower,
    upper,
    relative: mean / base,
  });
  return {
    definitionId: 'test',
    split,
    cutoff: null,
    viewers: 5000,
    trainPairs: 1000,
    testPairs: 200,
    catalogue: 50,
    scores: [
      { model: 'als', at: { '10': metrics(ndcg) }, lists: { ...LISTS, ...lists } },
      { model: 'popularity', at: { '10': metrics(base) } },
      { model: 'weighted-rating', at: { '10': metrics(base) } },
      { model: 'champion', at: { '10': metrics(0.3) }, lists: { ...LISTS, ...championLists } },
    ],
    differences: [difference('popularity', popularity), difference('weighted-rating', formula)],
    lift: { log: Math.log(ndcg / base), error: 0.05 },
    comparisons: [comparison('ndcg@10', [0, -0.01, 0.01]), comparison('recall@50', [0, -0.01, 0.01])],
    slices: { tested: 5, shown: 9, worst: null, harmed: [] },
    conditions: { ...CONDITIONS, ...conditions },
    ...more,
  };
}
