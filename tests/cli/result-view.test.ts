import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { describeResult } from '../../src/cli/result-view.js';
import type { NightResult } from '../../src/contracts/night.js';

const headline = (channel: Extract<NightResult, { kind: 'released' }>['channel'], serving: string) =>
  stripVTControlCharacters(
    describeResult({
      kind: 'released',
      date: '2026-01-30',
      verdict: { kind: 'promote', provisional: false, reasons: [] },
      releaseId: '2026-01-30-abc',
      contentSha256: '',
      counts: { personal: 1, formula: 0, none: 0 },
      provisional: false,
      channel,
      serving,
      notes: [],
    }),
  ).split('\n')[0];

test('a release of a past night says that the later one stays', () => {
  expect(headline('superseded', '2026-01-31-def')).toBe(
    '✓ 2026-01-30: release 2026-01-30-abc is stored; 2026-01-31-def of a later night stays',
  );
  expect(headline('flipped', '2026-01-30-abc')).toBe('✓ 2026-01-30: release 2026-01-30-abc is served');
  expect(headline('not-asked', '2026-01-31-def')).toMatch(/ is stored, the channel stays$/);
});

test('a candidate that is held says what stays, and that nothing does where nothing was ever served', () => {
  const held = (serving: string | null) =>
    stripVTControlCharacters(
      describeResult({
        kind: 'held',
        date: '2026-01-30',
        verdict: { kind: 'reject', provisional: false, reasons: [] },
        serving,
        notes: [],
      }),
    ).split('\n')[0];
  expect(held('2026-01-29-abc')).toMatch(/the candidate was not promoted; 2026-01-29-abc keeps serving$/);
  expect(held(null)).toMatch(/the candidate was not promoted; nothing is served yet$/);
});
