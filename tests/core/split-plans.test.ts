import { expect, test } from 'vitest';
import { splitPlans } from '../../src/core/split/plans.js';

test('7 days, 28 days, then per viewer, over a leap day', () => {
  expect(splitPlans('2024-03-05T00:00:00.000Z')).toEqual([
    { kind: 'last-7-days', cutoff: '2024-02-27T00:00:00.000Z' },
    { kind: 'last-28-days', cutoff: '2024-02-06T00:00:00.000Z' },
    { kind: 'per-viewer-80-20', cutoff: null },
  ]);
});
