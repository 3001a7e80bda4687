import { expect, test } from 'vitest';
import type { Decision, Verdict } from '../../src/contracts/index.js';
import { applyDecision } from '../../src/core/gate/decision.js';
import { decide } from '../../src/core/gate/verdict.js';
import { type Shape, RULES, reportOf } from './gate-reports.js';

const decision = (action: Decision['action']): Decision => ({
  action,
  runId: '2026-01-31-r',
  night: '2026-01-31',
  modelSha256: 'm',
  by: 'anna',
  reason: 'the campaign explains it',
  at: '2026-02-01T09:00:00.000Z',
});
const verdictOf = (shape: Shape): Verdict =>
  decide({ kind: 'measured', report: reportOf(shape) }, 'recipe-change', reportOf(), RULES);

test('accepted: promoted provisionally, the word first and the gates behind it', () => {
  const held = verdictOf({ lists: { gini: 0.9 } });
  expect(held.kind).toBe('reject');
  const verdict = applyDecision(held, decision('accept'));
  expect(verdict).toMatchObject({ kind: 'promote', provisional: true, decision: { by: 'anna' } });
  expect(verdict.reasons).toEqual([
    'accepted by anna at 2026-02-01T09:00:00.000Z: the campaign explains it',
    expect.stringContaining('G6 FAIL'),
  ]);
  expect(verdict.gates).toEqual(held.gates);
});

test.each([
  ['G4', { conditions: { ageViolations: 1 } }],
  ['G9', { conditions: { lagHours: 100 } }],
  ['G9', { conditions: { matureShare: 0.1 } }],
  ['G10', { conditions: { refitted: null } }],
] satisfies [string, Shape][])('%s is waived by nobody', (gate, shape) => {
  const own = verdictOf(shape);
  const verdict = applyDecision(own, decision('accept'));
  expect(verdict.kind).toBe(own.kind);
  expect(verdict.reasons.at(-1)).toContain(`without effect: ${gate} not passed`);
});

test('evidence that was never measured cannot be accepted', () => {
  const missing = decide({ kind: 'missing', why: 'nobody came' }, 'refresh', null, RULES);
  expect(applyDecision(missing, decision('accept'))).toMatchObject({ kind: 'hold' });
});

test('rejected whatever the gates say; without a word nothing changes', () => {
  const passed = verdictOf({});
  expect(passed.kind).toBe('promote');
  expect(applyDecision(passed, decision('reject'))).toMatchObject({
    kind: 'reject',
    reasons: ['rejected by anna at 2026-02-01T09:00:00.000Z: the campaign explains it'],
  });
  expect(applyDecision(passed, null)).toBe(passed);
  const waived = applyDecision(passed, decision('accept')); // for what is measured later
  expect(waived).toMatchObject({ kind: 'promote', decision: { by: 'anna' } });
  expect(waived.provisional).toBe(passed.provisional);
});
