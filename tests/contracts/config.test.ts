import { expect, test } from 'vitest';
import { configSchema } from '../../src/contracts/config.js';

test('raw segments outlive the history that is read from them', () => {
  const { retention, feedback } = configSchema.parse({});
  expect(retention.rawDays).toBeGreaterThan(feedback.historyDays);
  const days = (rawDays: number) =>
    configSchema.safeParse({ feedback: { historyDays: 90 }, retention: { rawDays } });
  expect(days(91).success).toBe(true);
  const [issue] = days(90).error?.issues ?? [];
  expect(issue?.path).toEqual(['retention', 'rawDays']);
  expect(issue?.message).toMatch(/feedback\.historyDays \+ 1.*retention\.rawDays/);
});

test('popularity tells of nobody’s likes but those of five viewers and more', () => {
  for (const key of ['minViewers', 'minFilmViewers']) {
    expect(configSchema.safeParse({ popularity: { [key]: 5 } }).success).toBe(true);
    const [issue] = configSchema.safeParse({ popularity: { [key]: 4 } }).error?.issues ?? [];
    expect(issue).toMatchObject({ path: ['popularity', key], code: 'too_small', minimum: 5 });
  }
});
