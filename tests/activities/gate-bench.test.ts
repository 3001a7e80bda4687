import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';

interface Row {
  fault: string;
  as: string;
  verdict: string;
  'stopped by': string;
  right: boolean;
}
interface Night {
  candidate: string;
  as: string;
  share: string;
}

/** The suite of faulty candidates (bench/gate.js), small: the product's own measuring and gate over a made-up audience. */
describe('candidates with known faults', () => {
  const out = execFileSync(process.execPath, ['bench/gate.js', '--quick', '--json'], { encoding: 'utf8' });
  const { suite, nights } = JSON.parse(out) as { suite: Row[]; nights: Night[] };

  test('ten faults and a good candidate, each judged as a refresh and as a recipe change', () => {
    expect(new Set(suite.map(({ fault }) => fault)).size).toBe(11);
    expect(suite).toHaveLength(22);
  });

  test.each(suite)('$fault, as $as: $verdict ($stopped by)', ({ fault, verdict, right }) => {
    expect(right).toBe(true);
    expect(verdict === 'promote').toBe(fault.startsWith('none'));
  });

  test('replayed nights: an equal candidate mostly passes, one 6 % worse never', () => {
    for (const { candidate, share } of nights) {
      if (candidate === 'equal refresh') expect(Number(share)).toBeGreaterThanOrEqual(0.8);
      else expect(Number(share)).toBe(0);
    }
  });
});
