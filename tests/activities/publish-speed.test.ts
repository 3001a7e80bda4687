import { afterEach, expect, test } from 'vitest';
import { createChannelActivities } from '../../src/activities/channels.js';
import type { World } from './score-world.js';
import { NIGHT } from './score-world-rows.js';
import { VERDICT, scored } from './scored-world.js';

const worlds: World[] = [];
afterEach(() => {
  for (const world of worlds.splice(0)) world.dispose();
});

test('answers that are too slow leave the channel where it is, with the reason; run again, they are measured anew', async () => {
  const { world, input } = await scored();
  worlds.push(world);
  const G8 = { gate: 'G8' as const, state: 'PASS' as const, sentence: 'short lists 0, at most 0 wanted' };
  const job = { ...input, verdict: { ...VERDICT, gates: [G8] } };
  const answers = { answers: 100, failed: 0, controlP95Ms: 1, cpuMs: 0.4 };
  const answering = (p95Ms: number) => {
    world.deps.rehearsal.measure = async () => ({ lists: { ...answers, p95Ms }, foldIn: null });
  };
  answering(80);
  const slow = await world.publish(job);
  const says = 'G8 FAIL: p95 of a cached list, ms 80.0, at most 50.0 wanted';
  expect(slow).toMatchObject({
    channel: 'held',
    serving: null,
    verdict: { kind: 'reject', reasons: [says] },
  });
  expect(await world.deps.releases.current('default')).toBeNull();
  const held = await world.deps.releases.readCard(slow.releaseId);
  expect(held).toMatchObject({ verdict: { kind: 'reject' }, serving: { lists: { p95Ms: 80 } } });
  const backfill = await createChannelActivities(world.deps).publishBackfill({
    days: [{ date: NIGHT.date, kind: 'released', releaseId: slow.releaseId }],
  });
  expect(backfill).toEqual({ releaseId: null, reason: `${slow.releaseId}: ${says}` });
  const decision = {
    action: 'accept' as const,
    runId: NIGHT.runId,
    night: NIGHT.date,
    modelSha256: input.model!.sha256,
    by: 'anna',
    reason: 'the disk is being replaced',
    at: '2026-02-01T08:00:00.000Z',
    serving: 'FAIL' as const,
  };
  const waived = await world.publish({ ...job, verdict: { ...job.verdict, decision }, publish: false });
  expect(waived).toMatchObject({ channel: 'not-asked', verdict: { kind: 'promote', provisional: true } });
  await world.deps.releases.remove(waived.releaseId);
  answering(8);
  const fast = await world.publish(job);
  expect(fast).toMatchObject({
    releaseId: slow.releaseId,
    channel: 'flipped',
    verdict: { kind: 'promote' },
  });
  expect(fast.contentSha256).toBe(slow.contentSha256);
});
