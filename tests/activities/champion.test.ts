import { expect, test } from 'vitest';
import { releaseBefore } from '../../src/activities/champion.js';
import { releaseOf } from './model-world.js';

test('the release before a night is that of the greatest earlier night, in whatever order the channel had them', async () => {
  const nights = ['2024-05-28', '2024-05-31', '2024-05-29', '2024-05-30', '2024-05-27'];
  const releases = {
    history: async () =>
      [...nights, 'swept'].map((releaseId, n) => ({
        seq: n + 1,
        releaseId,
        previous: null,
        by: '',
        reason: '',
        at: '',
      })),
    manifest: async (id: string) => (id === 'swept' ? null : releaseOf(id, null)),
  };
  const before = async (date: string) => (await releaseBefore(releases, date))?.night ?? null;
  expect(await before('2024-06-01')).toBe('2024-05-31');
  expect(await before('2024-05-31')).toBe('2024-05-30');
  expect(await before('2024-05-27')).toBeNull();
});
