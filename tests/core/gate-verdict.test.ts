import { describe, expect, test } from 'vitest';
import { GATES, NEVER_WAIVED, type Report } from '../../src/contracts/index.js';
import { type Evidence, GATES_OF, decide } from '../../src/core/gate/verdict.js';
import {
  AHEAD,
  BEHIND,
  type Bounds,
  EQUAL,
  RULES,
  type Shape,
  WORSE,
  comparison,
  reportOf,
} from './gate-reports.js';

const measured = (r: Report): Evidence => ({ kind: 'measured', report: r });
const first = (shape: Shape) => decide(measured(reportOf(shape)), 'first', null, RULES);
const refresh = (shape: Shape, champion: Report | null = reportOf()) =>
  decide(measured(reportOf(shape)), 'refresh', champion, RULES);
const change = (shape: Shape) => decide(measured(reportOf(shape)), 'recipe-change', reportOf(), RULES);
const compared = (ndcg: Bounds, recall: Bounds, more = {}) => ({
  comparisons: [comparison('ndcg@10', ndcg, more), comparison('recall@50', recall, more)],
});
const NO_WORSE: Bounds = [0, -0.02, 0.02];

describe('the first release', () => {
  test.each<[string, Shape, string, boolean]>([
    ['ahead of both', { popularity: AHEAD, formula: AHEAD }, 'promote', true],
    ['proven', {}, 'promote', true],
    ['on the widest split', { split: 'per-viewer-80-20' }, 'promote', true],
    ['behind the formula', { formula: BEHIND }, 'hold', false],
    ['equal to popularity', { popularity: EQUAL }, 'hold', false],
    ['worse beyond doubt', { popularity: WORSE, formula: WORSE }, 'hold', false],
    ['ahead, above an age', { conditions: { ageViolations: 1 } }, 'reject', false],
    ['ahead, not made again', { conditions: { refitted: null } }, 'hold', false],
    ['ahead, another second fit', { conditions: { refitted: 'b' } }, 'reject', false],
    ['ahead, of old data', { conditions: { lagHours: 14 * 24 } }, 'promote', true],
    ['ahead, of another night', { conditions: { isOfThisNight: false } }, 'reject', false],
  ])('%s', (_name, shape, kind, provisional) => {
    expect(first(shape)).toMatchObject({ kind, provisional, class: 'first' });
  });
});

describe('a refresh', () => {
  test.each<[string, Shape, string, boolean]>([
    ['equal to the champion', {}, 'promote', false],
    ['on a wider split by time', { split: 'last-28-days' }, 'promote', true],
    ['on the split per viewer', { split: 'per-viewer-80-20' }, 'promote', true],
    [
      'on the split per viewer, ahead without proof',
      { split: 'per-viewer-80-20', popularity: AHEAD },
      'hold',
      false,
    ],
    ['worse than popularity beyond doubt', { popularity: WORSE }, 'reject', false],
    ['worse than the formula beyond doubt', { popularity: AHEAD, formula: WORSE }, 'reject', false],
    ['behind without proof', { formula: BEHIND }, 'hold', false],
    ['ahead without proof', { popularity: AHEAD }, 'hold', false],
    ['better than popularity, by too little', { popularity: [0.01, 0.005, 0.015] }, 'reject', false],
    ['immature labels', { conditions: { matureShare: 0.3 } }, 'hold', false],
    ['beyond the margin', { more: compared([-0.06, -0.07, -0.05], NO_WORSE) }, 'reject', false],
    ['recall beyond the margin', { more: compared(NO_WORSE, [-0.06, -0.07, -0.05]) }, 'reject', false],
    [
      'few viewers, within noise',
      { more: compared([-0.04, -0.08, 0], [-0.01, -0.05, 0.03], { viewers: 500 }) },
      'promote',
      false,
    ],
    [
      'few viewers, below noise',
      { more: compared([-0.06, -0.09, -0.03], NO_WORSE, { viewers: 500 }) },
      'reject',
      false,
    ],
  ])('%s', (_name, shape, kind, provisional) => {
    expect(refresh(shape)).toMatchObject({ kind, provisional, class: 'refresh' });
  });

  test('a refit on a wider split may list other films than the candidate', () => {
    const conditions = { envelope: { overlap: 0.5, normRatio: 1, lossRose: false } };
    expect(refresh({ conditions }).kind).toBe('reject');
    expect(refresh({ conditions, split: 'last-28-days' }).kind).toBe('promote');
  });

  test('without a comparison, the lift over popularity stays within the band of the champion’s', () => {
    const none = { more: { comparisons: [] } };
    expect(refresh(none).kind).toBe('promote');
    // lift 1.05 against 1.5: ln 1.05 − ln 1.5 = −.357, 5.0 standard errors of .0707
    const fallen = refresh({ ...none, ndcg: 0.21 });
    expect(fallen.reasons[0]).toContain(
      "lift over popularity 1.050, the champion's was 1.500: -5.0 standard errors",
    );
    expect(fallen.kind).toBe('reject');
    expect(refresh({ more: { comparisons: [] } }, null).kind).toBe('hold');
  });
});

describe('a recipe change', () => {
  test.each<[string, Shape, string, string]>([
    ['equal to the champion', {}, 'promote', ''],
    ['on the split per viewer', { split: 'per-viewer-80-20' }, 'hold', 'G2'],
    ['too few viewers', { more: compared(NO_WORSE, NO_WORSE, { viewers: 500 }) }, 'hold', 'G1'],
    ['no share to need', { more: compared(NO_WORSE, NO_WORSE, { base: 0, required: null }) }, 'hold', 'G1'],
    [
      'worse, few viewers',
      { more: compared([-0.2, -0.25, -0.1], NO_WORSE, { viewers: 500 }) },
      'reject',
      'G1',
    ],
    ['champion not refitted', { more: { comparisons: [] } }, 'hold', 'G1'],
    ['one metric alone', { more: { comparisons: [comparison('ndcg@10', NO_WORSE)] } }, 'hold', 'G1'],
    [
      'a harmed slice',
      {
        more: {
          slices: {
            tested: 4,
            shown: 4,
            worst: null,
            harmed: [{ slice: 'age 7 to 11', viewers: 400, relative: -0.3 }],
          },
        },
      },
      'reject',
      'G3',
    ],
    [
      'nothing of the champion’s slices',
      { more: { slices: undefined } as unknown as Shape['more'] & {} },
      'hold',
      'G3',
    ],
    ['above an age', { conditions: { ageViolations: 3 } }, 'reject', 'G4'],
    ['hides the catalogue', { lists: { eligibleCoverage50: 0.1 } }, 'reject', 'G5'],
    ['hides the tail', { lists: { tailShare: 0.1 } }, 'reject', 'G5'],
    ['more popular', { lists: { popularity: 120 } }, 'reject', 'G6'],
    ['more concentrated', { lists: { gini: 0.84 } }, 'reject', 'G6'],
    ['less diverse', { lists: { ild: 0.7 } }, 'reject', 'G6'],
    ['off the taste', { lists: { miscalibration: 0.6 } }, 'reject', 'G6'],
    ['diversity not measured', { lists: { ild: null } }, 'hold', 'G6'],
    [
      'a catalogue without genres',
      { lists: { ild: null, miscalibration: null }, championLists: { ild: null, miscalibration: null } },
      'promote',
      '',
    ],
    ['a disliked film', { lists: { disliked: 0.001 } }, 'reject', 'G7'],
    ['more dislikes unfiltered', { lists: { dislikedRaw: 0.03 } }, 'reject', 'G7'],
    ['a short list', { conditions: { shortLists: 1 } }, 'reject', 'G8'],
    ['NaN in its factors', { conditions: { notFinite: 1 } }, 'reject', 'G8'],
    ['too heavy', { conditions: { bytes: 1301 } }, 'reject', 'G8'],
    ['stale', { conditions: { lagHours: 27 } }, 'reject', 'G9'],
    ['a leaked test part', { conditions: { leakedShare: 1 } }, 'reject', 'G9'],
    ['of another night', { conditions: { isOfThisNight: false } }, 'reject', 'G9'],
    ['immature labels', { conditions: { matureShare: 0.4 } }, 'hold', 'G9'],
    ['not the same twice', { conditions: { refitted: 'b' } }, 'reject', 'G10'],
    [
      'not what was judged',
      { conditions: { envelope: { overlap: 0.5, normRatio: 1, lossRose: false } } },
      'reject',
      'G10',
    ],
    [
      'other lengths',
      { conditions: { envelope: { overlap: 0.9, normRatio: 1.25, lossRose: false } } },
      'reject',
      'G10',
    ],
    [
      'a rising loss',
      { conditions: { envelope: { overlap: 0.9, normRatio: 1, lossRose: true } } },
      'reject',
      'G10',
    ],
  ])('%s', (_name, shape, kind, because) => {
    const verdict = change(shape);
    expect(verdict.kind).toBe(kind);
    if (because !== '') {
      const state = kind === 'reject' ? 'FAIL' : 'INCONCLUSIVE';
      expect(verdict.reasons).toEqual([expect.stringContaining(`${because} ${state}: `)]);
    }
  });

  test('organic plays count where there are enough; opposite to all plays, a person must look', () => {
    const organic = (bounds: Bounds, viewers: number) => ({
      comparisons: [
        ...compared(NO_WORSE, NO_WORSE).comparisons,
        comparison('ndcg@10', bounds, { plays: 'organic', viewers }),
      ],
    });
    expect(change({ more: organic([-0.05, -0.06, -0.04], 4000) }).kind).toBe('reject');
    expect(change({ more: organic([-0.05, -0.06, -0.04], 100) }).kind).toBe('promote');
    const opposed = {
      comparisons: [
        ...compared([0.02, 0.01, 0.03], NO_WORSE).comparisons,
        comparison('ndcg@10', [-0.02, -0.025, -0.01], { plays: 'organic' }),
      ],
    };
    expect(change({ more: opposed }).reasons).toEqual([
      'G1 INCONCLUSIVE: ndcg@10: organic plays and all plays say the opposite; a person must look',
    ]);
  });

  test('G2 by organic plays, where there are enough of them', () => {
    const asked = ([mean, lower, upper]: Bounds, viewers: number) => {
      const { differences, scores } = reportOf();
      const organic = { mean, lower, upper, relative: mean / 0.2, viewers, required: 800 };
      const verdict = change({
        more: {
          differences: [{ ...differences[0]!, organic }, differences[1]!],
          scores: scores.map((score, n) => ({
            ...score,
            organic: { viewers, ndcg: n === 0 ? 0.25 : 0.2, recall: 0.1 },
          })),
        },
      });
      const { state, sentence } = verdict.gates!.find(({ gate }) => gate === 'G2')!;
      return [state, sentence] as const;
    };
    expect(asked(BEHIND, 799)[0]).toBe('PASS');
    const [open, words] = asked([0.05, -0.01, 0.11], 800);
    expect(open).toBe('INCONCLUSIVE');
    expect(words).toContain(
      'NDCG@10 0.2500 beats popularity 0.2000 (difference +0.0500, bounds −0.0100 … +0.1100, 800 viewers, organic plays,',
    );
    expect(asked([0.01, 0.005, 0.015], 800)[0]).toBe('FAIL'); // +5 %, beyond doubt less than the 10 % wanted
    expect(asked([0.05, 0.02, 0.08], 800)[0]).toBe('PASS');
    const [opposed, why] = asked(WORSE, 100); // however few: beyond doubt the opposite
    expect(opposed).toBe('INCONCLUSIVE');
    expect(why).toContain('organic plays and all plays say the opposite; a person must look');
  });

  test('asks every gate and keeps each outcome with its evidence', () => {
    const { gates } = change({});
    expect(gates?.map(({ gate }) => gate)).toEqual(Object.keys(GATES));
    expect(gates?.every(({ state }) => state === 'PASS')).toBe(true);
    expect(gates?.[0]?.sentence).toBe(
      "ndcg@10 +0.0 % of the champion's 0.3000, lower bound −1.0 %, at least −3.0 % wanted (5000 viewers of 3000 needed, all plays); " +
        "recall@50 +0.0 % of the champion's 0.3000, lower bound −1.0 %, at least −3.0 % wanted (5000 viewers of 3000 needed, all plays)",
    );
  });
});

describe('without numbers', () => {
  test.each([
    ['NaN in a metric', reportOf({ ndcg: Number.NaN })],
    ['NaN in a bound', reportOf({ popularity: [0.1, Number.NaN, 0.2] })],
    ['NaN in a list', reportOf({ lists: { gini: Number.NaN } })],
  ])('%s: rejected in every class', (_name, report) => {
    for (const kind of ['first', 'refresh', 'recipe-change'] as const) {
      expect(decide(measured(report), kind, reportOf(), RULES)).toMatchObject({ kind: 'reject' });
    }
  });

  test('a missing baseline is no evidence', () => {
    const whole = reportOf();
    const without = { ...whole, differences: whole.differences.slice(0, 1) };
    expect(decide(measured(without), 'refresh', reportOf(), RULES).reasons).toEqual([
      'the difference to weighted-rating is not a number',
    ]);
  });

  test('nothing measured holds, a diverged refit is rejected, each with its sentence', () => {
    expect(decide({ kind: 'missing', why: 'nobody came' }, 'refresh', reportOf(), RULES)).toMatchObject({
      kind: 'hold',
      provisional: false,
      reasons: ['nobody came'],
    });
    expect(decide({ kind: 'diverged', how: 'loss is NaN' }, 'first', null, RULES)).toMatchObject({
      kind: 'reject',
      reasons: ['loss is NaN'],
    });
  });
});

test('reasons say what was compared, on what, with numbers', () => {
  const { reasons } = first({ formula: BEHIND });
  expect(reasons).toEqual([
    'NDCG@10 0.3000 beats popularity 0.2000 (difference +0.1000, bounds +0.0500 … +0.1500, 5000 viewers, the last 7 days)',
    'NDCG@10 0.3000 is below weighted-rating 0.2000 (difference −0.0200, bounds −0.0500 … +0.0100, 5000 viewers, the last 7 days)',
  ]);
});

test('the gates that nobody may waive are asked in every class', () => {
  for (const gates of Object.values(GATES_OF))
    expect(gates).toEqual(expect.arrayContaining([...NEVER_WAIVED]));
});
