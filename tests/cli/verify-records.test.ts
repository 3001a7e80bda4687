import { expect, test } from 'vitest';
import { recordProblems } from '../../src/cli/verify/identity.js';
import { type Serving, type Verdict, configSchema } from '../../src/contracts/index.js';
import { withServing } from '../../src/core/gate/ops.js';

const config = configSchema.parse({});
const verdict: Verdict = {
  kind: 'promote',
  provisional: true,
  reasons: ['first personal release'],
  gates: [{ gate: 'G8', state: 'PASS', sentence: 'short lists 0' }],
};
const speed = { answers: 100, failed: 0, p95Ms: 4, controlP95Ms: 1, cpuMs: 1 };

test('the manifest’s verdict is the judged one and what was measured before the channel moved, and nothing else', () => {
  const serving: Serving = { lists: speed, foldIn: null };
  const served = withServing(verdict, serving, { ...config.gate, k: 10 });
  expect(served).not.toEqual(verdict);
  const problems = (of: Verdict, measured: Serving | undefined) =>
    recordProblems(
      { report: null, verdict: of, config, ...(measured === undefined ? {} : { serving: measured }) },
      { report: undefined, verdict },
    );
  expect(problems(served, serving)).toEqual([]);
  expect(problems(verdict, undefined)).toEqual([]);
  const difference = {
    check: 'identity',
    about: 'verdict',
    says: expect.stringContaining('differ') as string,
  };
  expect(problems(verdict, serving)).toEqual([difference]);
  expect(problems({ ...served, reasons: ['because I say so'] }, serving)).toEqual([difference]);
});
