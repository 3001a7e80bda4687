import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { startEffort } from '../../src/activities/effort.js';
import { counted } from '../../src/activities/neighbours.js';

const within = (work: () => Promise<unknown>) =>
  counted(async () => {
    const effort = startEffort(2);
    await work();
    effort.stop();
    return effort.soFar().isShared;
  });

test('alone, CPU of the process is the work’s own', async () => {
  expect(await within(() => sleep(20))).toBe(false);
  await counted(() => sleep(20)); // over before it began
  expect(await within(() => sleep(20))).toBe(false);
});

test('another activity beside it, for more than a twentieth of its time, is in it', async () => {
  const [first, second] = await Promise.all([within(() => sleep(30)), within(() => sleep(30))]);
  expect([first, second]).toEqual([true, true]);
  expect(await within(async () => Promise.all([counted(() => sleep(5)), sleep(20)]))).toBe(true);
  const failed = counted(async () => {
    throw new Error('x');
  });
  await expect(failed).rejects.toThrow('x');
  expect(await within(() => sleep(20))).toBe(false);
});
