import { describe, expect, test } from 'vitest';
import type { MetricsAtK, Report } from '../../src/contracts/index.js';
import { type Evidence, decide } from '../../src/core/gate/verdict.js';

const RULES = { k: 10, maxLiftLoss: 0.1 };

const metrics = (ndcg: number): MetricsAtK => ({
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

type Bounds = [mean: number, lower: number, upper: number];

function report(
  popularity: Bounds,
  formula: Bounds,
  { ndcg = 0.3, base = 0.2, split = 'last-7-days' as Report['split'] } = {},
): Report {
  const difference = (baseline: 'popularity' | 'weighted-rating', [mean, lower, upper]: Bounds) => ({
    baseline,
    mean,
    lower,
    upper,
    relative: 0,
  });
  return {
    definitionId: 'test',
    split,
    cutoff: null,
    viewers: 100,
    trainPairs: 1000,
    testPairs: 200,
    catalogue: 50,
    scores: [
      { model: 'als', at: { '10': metrics(ndcg) } },
      { model: 'popularity', at: { '10': metrics(base) } },
      { model: 'weighted-rating', at: { '10': metrics(base) } },
    ],
    differences: [difference('popularity', popularity), difference('weighted-rating', formula)],
  };
}

const measured = (r: Report): Evidence => ({ kind: 'measured', report: r });
const PROVEN: Bounds = [0.1, 0.05, 0.15];
const AHEAD: Bounds = [0.02, -0.01, 0.05];
const EQUAL: Bounds = [0, -0.01, 0.01];
const BEHIND: Bounds = [-0.02, -0.05, 0.01];
const WORSE: Bounds = [-0.1, -0.15, -0.05];
const champion = { report: report(PROVEN, PROVEN, { ndcg: 0.3, base: 0.2 }) }; // lift 1.5

describe('verdict', () => {
  test.each([
    // first night
    ['first night, ahead of both', report(AHEAD, AHEAD), null, 'promote', true],
    ['first night, proven', report(PROVEN, PROVEN), null, 'promote', true],
    ['first night, behind the formula', report(PROVEN, BEHIND), null, 'hold', false],
    ['first night, equal to popularity', report(EQUAL, PROVEN), null, 'hold', false],
    ['first night, worse beyond doubt', report(WORSE, WORSE), null, 'hold', false],
    // with a champion
    ['proven on the last 7 days', report(PROVEN, PROVEN), champion, 'promote', false],
    [
      'proven on a thinner split',
      report(PROVEN, PROVEN, { split: 'last-28-days' }),
      champion,
      'promote',
      true,
    ],
    ['worse than popularity beyond doubt', report(WORSE, PROVEN), champion, 'reject', false],
    ['worse than the formula beyond doubt', report(AHEAD, WORSE), champion, 'reject', false],
    ['behind without proof', report(PROVEN, BEHIND), champion, 'hold', false],
    ['ahead without proof, lift kept', report(AHEAD, PROVEN, { ndcg: 0.28 }), champion, 'promote', true], // 1.40 ≥ 1.35
    ['ahead without proof, lift lost', report(AHEAD, PROVEN, { ndcg: 0.26 }), champion, 'hold', false], // 1.30 < 1.35
    ['ahead without proof, champion without report', report(AHEAD, PROVEN), { report: null }, 'hold', false],
    // broken numbers
    ['NaN in a metric', report(PROVEN, PROVEN, { ndcg: Number.NaN }), null, 'reject', false],
    ['NaN in a bound', report([0.1, Number.NaN, 0.2], PROVEN), champion, 'reject', false],
  ] as const)('%s: %#', (_name, measuredReport, before, kind, provisional) => {
    expect(decide(measured(measuredReport), before, RULES)).toMatchObject({ kind, provisional });
  });

  test('a missing baseline is no evidence', () => {
    const whole = report(PROVEN, PROVEN);
    const without = { ...whole, differences: whole.differences.slice(0, 1) };
    expect(decide(measured(without), champion, RULES)).toEqual({
      kind: 'reject',
      provisional: false,
      reasons: ['the difference to weighted-rating is not a number'],
    });
  });

  test('nothing measured holds, a diverged refit is rejected, each with its sentence', () => {
    expect(decide({ kind: 'missing', why: 'nobody came' }, champion, RULES)).toEqual({
      kind: 'hold',
      provisional: false,
      reasons: ['nobody came'],
    });
    expect(decide({ kind: 'diverged', how: 'loss is NaN' }, null, RULES)).toMatchObject({
      kind: 'reject',
      reasons: ['loss is NaN'],
    });
  });

  test('reasons say what was compared, on what, with numbers', () => {
    const { reasons } = decide(measured(report(PROVEN, BEHIND)), champion, RULES);
    expect(reasons).toEqual([
      'NDCG@10 0.3000 beats popularity 0.2000 (difference +0.1000, bounds +0.0500 … +0.1500, 100 viewers, the last 7 days)',
      'NDCG@10 0.3000 is below weighted-rating 0.2000 (difference −0.0200, bounds −0.0500 … +0.0100, 100 viewers, the last 7 days)',
    ]);
  });
});
