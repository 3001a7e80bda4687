import { afterEach, beforeEach, expect, test } from 'vitest';
import { createChannelActivities } from '../../src/activities/channels.js';
import { releaseOf } from './model-world.js';
import { createWorld, type World } from './score-world.js';

let world: World;
beforeEach(async () => {
  world = await createWorld({ films: [], viewers: [], interactions: [], votes: [] });
});
afterEach(() => world.dispose());

const publishBackfill = (releaseId: string) =>
  createChannelActivities(world.deps).publishBackfill({
    days: [{ date: '2026-01-30', kind: 'released', verdict: 'promote', releaseId }],
  });

test('a backfill serves its last day’s release when it is there', async () => {
  const draft = await world.deps.releases.begin('made', ['f']);
  await draft.commit({ ...releaseOf('2026-01-30', null), releaseId: 'made' });
  expect(await publishBackfill('made')).toEqual({ releaseId: 'made', reason: 'now served' });
});

test('a release that was swept since is never put on the channel', async () => {
  expect(await publishBackfill('gone')).toEqual({
    releaseId: null,
    reason: 'gone is not in the warehouse any more; run the night of 2026-01-30 again',
  });
  expect(await world.deps.releases.current('default')).toBeNull();
});
