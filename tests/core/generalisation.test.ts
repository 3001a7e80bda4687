import { expect, test } from 'vitest';
import { type Fitting, fittingWarnings } from '../../src/core/metrics/generalisation.js';

const WELL: Fitting = {
  gap: { candidate: 0.2, champion: 0.2 },
  test: { candidate: 0.15, popularity: 0.1 },
  train: { candidate: 0.35, popularity: 0.12 },
  losses: [100, 90, 89],
};
const warnings = (changed: Partial<Fitting>) =>
  fittingWarnings({ ...WELL, ...changed }, { maxGapGrowth: 0.3, maxLastFall: 0.02 });

test('a model that fits as its champion does gives no warning, without a champion neither', () => {
  expect(warnings({})).toEqual([]);
  expect(warnings({ gap: { candidate: 0.9, champion: null } })).toEqual([]);
  expect(warnings({ gap: { candidate: 0.26, champion: 0.2 } })).toEqual([]); // exactly 30 % more
  expect(warnings({ losses: [100, 98] })).toEqual([]); // exactly 2 %
  expect(warnings({ losses: [100] })).toEqual([]);
});

test('a gap that grew by more than the limit: over-fitted', () => {
  expect(warnings({ gap: { candidate: 0.261, champion: 0.2 } })).toEqual([
    'over-fitted: NDCG@10 on what was learnt is 0.261 above that on the test part, of the champion 0.200, 30.0 % more allowed; ' +
      'raise ials.lambda, lower ials.k, or ask matinee tune',
  ]);
});

test('below popularity: over-fitted when it knows its train part, else under-fitted', () => {
  const test_ = { candidate: 0.09, popularity: 0.1 };
  expect(warnings({ test: test_ })).toEqual([
    "over-fitted: NDCG@10 0.090 on the test part is below popularity's 0.100, though on what was learnt it is 0.350 to 0.120",
  ]);
  expect(warnings({ test: test_, train: { candidate: 0.11, popularity: 0.12 } })[0]).toMatch(/^under-fitted/);
});

test('a loss that still falls: under-fitted', () => {
  expect(warnings({ losses: [100, 97] })).toEqual([
    'under-fitted: epoch 2 still lowered the loss by 3.0 %, 2.0 % allowed; raise ials.epochsCold',
  ]);
});
