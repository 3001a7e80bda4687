import { Agent, createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { counted } from '../../src/activities/neighbours.js';
import { measureSpeed } from '../../src/api/serving-speed.js';
import type { Verdict } from '../../src/contracts/index.js';
import { withServing } from '../../src/core/gate/ops.js';
import { RULES } from '../core/gate-reports.js';
import { item, personal, pidOfId } from './world.js';

const PROMOTED: Verdict = {
  kind: 'promote',
  provisional: false,
  reasons: [],
  gates: [{ gate: 'G8', state: 'PASS', sentence: 'short lists 0' }],
};
const rules = { ...RULES.serving, seconds: 0.1 };

/** Lists of a server whose every list is answered after `work`; other answers come at once. */
async function speedOf(work: () => void) {
  const app: RequestListener = ({ url = '' }, response) => {
    if (url !== '/healthz') work();
    response.end('{}');
  };
  const server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  try {
    const { port } = server.address() as AddressInfo;
    const sample = [personal(pidOfId('anna'), [item('1', 0)])];
    return await measureSpeed({ port, agent }, { sample, formula: null }, false, rules);
  } finally {
    agent.destroy();
    await new Promise((resolve) => server.close(resolve));
  }
}

const held = new Int32Array(new SharedArrayBuffer(4));

test('lists that hold the event loop without any CPU are too slow: the measure of the machine does not wait with them', async () => {
  const { lists } = await speedOf(() => void Atomics.wait(held, 0, 0, 30));
  expect(lists!.p95Ms).toBeGreaterThan(300); // 20 in 100 ms, each 30 ms long
  expect(lists!.controlP95Ms).toBeLessThan(lists!.p95Ms / 4);
  expect(lists!.cpuMs).toBeLessThan(10);
  // whatever else this machine does now
  const quiet = { ...lists!, controlP95Ms: Math.min(lists!.controlP95Ms, 10) };
  expect(withServing(PROMOTED, { lists: quiet, foldIn: null }, RULES)).toMatchObject({
    kind: 'reject',
    reasons: [expect.stringMatching(/^G8 FAIL: p95 of a cached list, ms \d+/)],
  });
});

test('another activity of the process beside it is said', async () => {
  expect((await speedOf(() => {})).lists).toMatchObject({ failed: 0, isShared: false });
  const beside = counted(() => counted(() => speedOf(() => {})));
  expect((await beside).lists).toMatchObject({ failed: 0, isShared: true });
});
