import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { ReleaseStore } from '../../src/activities/deps.js';
import { createReleaseStore } from '../../src/adapters/releases/release-store.js';
import { type RunningServer, type ServerOptions, startServer } from '../../src/api/server.js';
import { loadSettings } from '../../src/config.js';
import { pidOf } from '../../src/core/identity/pid.js';
import { moveChannel, publishFormula, publishLists } from './releases.js';
import { film, formulaOf, item, NOW, personal, send } from './world.js';

const pidKey = { version: 1, key: Buffer.alloc(32, 7) };
let home: string;
let releases: ReleaseStore;
const running: RunningServer[] = [];
const log: string[] = [];

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'matinee-server-'));
  releases = createReleaseStore(join(home, 'warehouse'), { now: () => NOW });
  log.length = 0;
});
afterEach(async () => {
  for (const server of running.splice(0)) await server.close();
  await rm(home, { recursive: true, force: true });
});

async function serve(options: Partial<ServerOptions> = {}): Promise<RunningServer> {
  const settings = loadSettings({ MATINEE_HOME: home }, home);
  const sink = { write: (line: string) => void log.push(line) };
  const server = await startServer(settings, { port: 0, pidKey, store: null, log: sink, ...options });
  running.push(server);
  return server;
}

it('starts before anything is released, and serves each release soon after its channel moves, without a database', async () => {
  const { port, url } = await serve();
  expect(url).toBe(`http://127.0.0.1:${port}`);
  expect((await send(port, '/healthz', {})).status).toBe(200);
  expect((await send(port, '/readyz', {})).status).toBe(503);

  await publishFormula(releases, 'f1', formulaOf([film('a', 0)]));
  await moveChannel(releases, 'formula', 'f1');
  await expect.poll(async () => (await send(port, '/readyz', {})).status, { timeout: 3000 }).toBe(200);

  await publishLists(releases, 'r1', [personal(pidOf(pidKey.key, 'anna'), [item('b', 0)])]);
  await moveChannel(releases, 'default', 'r1');
  const anna = async () => (await send(port, '/v1/users/anna/recommendations', {})).body;
  await expect.poll(anna, { timeout: 3000 }).toContain('"servedBy":"personal"');
  expect(log.filter((line) => line.includes('"msg":"serving"'))).toHaveLength(2);
  const metrics = (await send(port, '/metrics', {})).body;
  expect(metrics).toContain('matinee_process_cpu_seconds_total');
});

it('a taken port is one sentence that names --port', async () => {
  const { port } = await serve();
  await expect(serve({ port })).rejects.toThrow(
    new RegExp(`^Port ${port} is taken by another program; choose another one with --port`),
  );
  await expect(serve({ host: '203.0.113.1' })).rejects.toThrow(
    /^203.0.113.1 is not an address of this machine/,
  );
});

it('closing lets the request under way finish, then nobody answers', async () => {
  let commit: () => void = () => {};
  const saved = new Promise<void>((resolve) => (commit = resolve));
  let started = false;
  const server = await serve({
    store: {
      profile: () => Promise.resolve(null),
      async saveEvents() {
        started = true;
        await saved;
        return { accepted: 1, duplicates: 0, unknownUsers: [] };
      },
    },
  });
  const event = {
    eventId: '00000000-0000-4000-8000-000000000001',
    userId: 'anna',
    movieId: 'm',
    type: 'like',
    ts: NOW.toISOString(),
  };
  const posting = send(server.port, '/v1/events', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Connection: 'keep-alive' },
    body: JSON.stringify({ events: [event] }),
  });
  await expect.poll(() => started).toBe(true);
  const closing = server.close();
  commit();
  expect((await posting).status).toBe(202);
  await closing;
  await expect(send(server.port, '/healthz', {})).rejects.toThrow(/ECONNREFUSED/);
});
