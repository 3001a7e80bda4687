import { describe, expect, test } from 'vitest';
import type { Conditions, Serving, Speed, Verdict } from '../../src/contracts/index.js';
import { isHeldBack, opsHold, withServing } from '../../src/core/gate/ops.js';
import { RULES, reportOf } from './gate-reports.js';

const EFFORT = {
  epochCpuSeconds: 10,
  championEpochCpuSeconds: 10,
  isBusy: false,
  peakMiB: 700,
  memoryMiB: 1000,
};
const ops = (
  effort: Partial<NonNullable<Conditions['effort']>>,
  kind: 'refresh' | 'recipe-change' = 'recipe-change',
) => opsHold(reportOf({ conditions: { effort: { ...EFFORT, ...effort } } }), kind, RULES);

describe('G8, with the verdict', () => {
  test('training up to 1.5 times the champion’s CPU an epoch and 80 % of the memory passes', () => {
    expect(ops({ epochCpuSeconds: 15, peakMiB: 800 }).state).toBe('PASS');
    expect(ops({ epochCpuSeconds: 15.1 }).state).toBe('FAIL');
    const full = ops({ peakMiB: 801 });
    expect(full.state).toBe('FAIL');
    expect(full.sentence).toBe('MiB of memory 801, at most 800 wanted');
  });

  test('on a busy machine slow training proves nothing: a recipe change waits, a refresh does not', () => {
    expect(ops({ epochCpuSeconds: 40, isBusy: true }).state).toBe('INCONCLUSIVE');
    const refresh = ops({ epochCpuSeconds: 40, isBusy: true }, 'refresh');
    expect(refresh.state).toBe('PASS');
    expect(refresh.sentence).toContain('CPU seconds an epoch 40.0, at most 15.0 wanted, on a busy machine');
    expect(ops({ epochCpuSeconds: 40 }, 'refresh').state).toBe('FAIL');
  });

  test('nor does it where other activities ran in the process; little is little, whoever else is in it', () => {
    const shared = ops({ epochCpuSeconds: 40, isShared: true });
    expect(shared.state).toBe('INCONCLUSIVE');
    expect(shared.sentence).toMatch(/at most 15\.0 wanted, with other work of this process in it$/);
    expect(ops({ epochCpuSeconds: 40, isShared: true }, 'refresh').state).toBe('PASS');
    expect(ops({ epochCpuSeconds: 15, isShared: true }).state).toBe('PASS');
  });

  test('short epochs are no matter, and a champion of an earlier version, or of another processor, is none', () => {
    expect(ops({ epochCpuSeconds: 1.9, championEpochCpuSeconds: 0.1 }).state).toBe('PASS');
    expect(ops({ epochCpuSeconds: 99, championEpochCpuSeconds: null }).state).toBe('PASS');
    expect(opsHold(reportOf(), 'refresh', RULES).state).toBe('PASS');
  });
});

const SPEED: Speed = { answers: 200, failed: 0, p95Ms: 3, controlP95Ms: 2, cpuMs: 0.5 };
const PROMOTED: Verdict = {
  kind: 'promote',
  provisional: true,
  reasons: ['G1 PASS: better'],
  gates: [
    { gate: 'G4', state: 'PASS', sentence: 'no' },
    { gate: 'G8', state: 'PASS', sentence: 'short lists 0' },
  ],
};
const after = (lists: Partial<Speed>, verdict = PROMOTED) =>
  withServing(verdict, { lists: { ...SPEED, ...lists }, foldIn: null }, RULES);

describe('G8, before the channel moves', () => {
  test('fast answers are added to the evidence', () => {
    const { gates, ...rest } = after({});
    expect(rest).toEqual({
      kind: 'promote',
      provisional: true,
      reasons: ['G1 PASS: better'],
      serving: 'PASS',
    });
    expect(gates![1]).toEqual({
      gate: 'G8',
      state: 'PASS',
      sentence:
        'short lists 0; answers of a cached list that failed 0, at most 0 wanted; p95 of a cached list, ms 3.0, at most 50.0 wanted',
    });
  });

  test('a list that takes more than 50 ms on a machine that answers at once rejects', () => {
    expect(after({ p95Ms: 50 }).kind).toBe('promote');
    const slow = after({ p95Ms: 50.1, controlP95Ms: 10 });
    expect(slow).toMatchObject({ kind: 'reject', provisional: false });
    expect(slow.reasons[0]).toBe('G8 FAIL: p95 of a cached list, ms 50.1, at most 50.0 wanted');
    expect(slow.gates![1]!.state).toBe('FAIL');
  });

  test('on a busy machine CPU decides: half of a core’s 5 ms passes, all of it fails, between them nobody knows', () => {
    const busy = { p95Ms: 400, controlP95Ms: 380 };
    expect(after({ p95Ms: 50.1, controlP95Ms: 10.1 }).kind).toBe('promote');
    expect(after({ ...busy, cpuMs: 2.5 }).kind).toBe('promote');
    expect(after({ ...busy, cpuMs: 2.6 }).kind).toBe('hold');
    expect(after({ ...busy, cpuMs: 5 }).reasons[0]).toMatch(
      /^G8 INCONCLUSIVE: p95 .* 400\.0, at most 50\.0 wanted, on a busy machine \(380\.0 ms without a list\); CPU 5\.0 ms of 5\.0$/,
    );
    expect(after({ ...busy, cpuMs: 5.1 }).kind).toBe('reject');
    const shared = { ...busy, isShared: true };
    expect(after({ ...shared, cpuMs: 2.5 }).kind).toBe('promote');
    expect(after({ ...shared, cpuMs: 5.1 }).reasons[0]).toMatch(
      /^G8 INCONCLUSIVE: .*; CPU 5\.1 ms of 5\.0, with other work of this process in it$/,
    );
    expect(after({ p95Ms: 400, isShared: true }).kind).toBe('reject'); // the machine answered at once
  });

  test('a fold-in has 150 ms; an answer that fails is none', () => {
    const foldIn = (speed: Partial<Speed>) =>
      withServing(PROMOTED, { lists: null, foldIn: { ...SPEED, ...speed } }, RULES).kind;
    expect([foldIn({ p95Ms: 150 }), foldIn({ p95Ms: 151 }), foldIn({ failed: 1 })]).toEqual([
      'promote',
      'reject',
      'reject',
    ]);
  });

  test('what a person saw and accepted stays accepted, with the evidence; a verdict without gates is left alone', () => {
    const decision = {
      action: 'accept',
      runId: 'r',
      night: 'n',
      modelSha256: 'm',
      by: 'anna',
      reason: 'x',
      at: 't',
      serving: 'FAIL',
    } as const;
    const accepted = after({ p95Ms: 99 }, { ...PROMOTED, decision });
    expect(accepted).toMatchObject({ kind: 'promote', provisional: true });
    expect(accepted.reasons.at(-1)).toMatch(/^G8 FAIL: p95 of a cached list/);
    expect(accepted.gates![1]!.state).toBe('FAIL');
    const { gates: _gates, ...bare } = PROMOTED;
    const slow: Serving = { lists: { ...SPEED, p95Ms: 99 }, foldIn: null };
    expect(withServing(bare, slow, RULES)).toBe(bare);
  });

  test('a word that was about something else, about less, or about answers that fail, waives nothing', () => {
    const word = (serving?: 'FAIL' | 'INCONCLUSIVE'): Verdict => ({
      ...PROMOTED,
      decision: {
        action: 'accept',
        runId: 'r',
        night: 'n',
        modelSha256: 'm',
        by: 'anna',
        reason: 'G1 is fine',
        at: 't',
        ...(serving === undefined ? {} : { serving }),
      },
    });
    const untold = { p95Ms: 400, controlP95Ms: 380, cpuMs: 4 };
    const kinds = (speed: Partial<Speed>) =>
      [word(), word('INCONCLUSIVE'), word('FAIL')].map((verdict) => after(speed, verdict).kind);
    expect(kinds({ p95Ms: 99 })).toEqual(['reject', 'reject', 'promote']);
    expect(kinds(untold)).toEqual(['hold', 'promote', 'promote']);
    expect(kinds({ failed: 200 })).toEqual(['reject', 'reject', 'reject']);
    expect(kinds({})).toEqual(['promote', 'promote', 'promote']);
    const early = after({ p95Ms: 99 }, word());
    expect(early.reasons).toEqual([
      'G8 FAIL: p95 of a cached list, ms 99.0, at most 50.0 wanted',
      'accepted by anna at t; without effect on that',
    ]);
    expect(early).toMatchObject({ provisional: false, serving: 'FAIL' });
    expect(early.decision).toBeUndefined();
  });

  test('held back is a release by a model that its verdict does not promote', () => {
    const model = { uri: '', sha256: '', recipe: '', k: 8 };
    expect(isHeldBack({ model, verdict: after({ p95Ms: 99 }) })).toBe(true);
    expect(isHeldBack({ model, verdict: PROMOTED })).toBe(false);
    expect(isHeldBack({ model: null, verdict: { ...PROMOTED, kind: 'hold' } })).toBe(false);
    expect(isHeldBack({ model, verdict: null })).toBe(false);
  });
});
