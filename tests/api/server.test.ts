import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { absentStore } from '../../src/api/absent-store.js';
import type { ReleaseStore } from '../../src/activities/deps.js';
import { createReleaseStore } from '../../src/adapters/releases/release-store.js';
import { type RunningServer, type ServerOptions, startServer } from '../../src/api/server.js';
import { loadSettings } from '../../src/config.js';
import { pidOf } from '../../src/core/identity/pid.js';
import { serverAuth } from './server-auth.js';
import { moveChannel, publishFormula, publishLists } from './releases.js';
import { film, formulaOf, item, NOW, personal, problemOf, send } from './world.js';

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
  const server = await startServer(settings, {
    port: 0,
    pidKey,
    store: null,
    auth: serverAuth,
    log: sink,
    ...options,
  });
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

it('answers to its own names only, or a page on a rebound name could read lists through its visitor', async () => {
  const { port } = await serve();
  const as = (Host: string, path = '/healthz') => send(port, path, { headers: { Host } });
  for (const host of ['127.0.0.1', 'localhost', 'LOCALHOST', '[::1]']) {
    expect((await as(host)).status, host).toBe(200);
    expect((await as(`${host}:${port}`)).status, host).toBe(200);
    expect((await as(`${host}:1`)).status, 'a forwarded port').toBe(200);
  }
  const foreign = [
    'evil.example',
    `evil.example:${port}`,
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    '::1',
  ];
  for (const host of [...foreign, '[::1', 'localhost:80:80', '127.0.0.1@evil.example', '0.0.0.0']) {
    for (const path of ['/healthz', '/v1/users/anna/recommendations', '/v1/movies/top', '/nowhere']) {
      expect(problemOf(await as(host, path), 421)['detail'], host).toContain(
        'answers to 127.0.0.1, localhost',
      );
    }
  }
});

it('on another address it answers to that one too, on all addresses to any name, and says so', async () => {
  const named = await serve({ host: '127.0.0.2' });
  const status = async (address: string, port: number, Host: string) =>
    (await send(port, '/healthz', { address, headers: { Host } })).status;
  expect(await status('127.0.0.2', named.port, '127.0.0.2')).toBe(200);
  expect(await status('127.0.0.2', named.port, 'localhost')).toBe(200);
  expect(await status('127.0.0.2', named.port, 'evil.example')).toBe(421);
  expect(log.join('')).not.toContain('any Host');
  const open = await serve({ host: '0.0.0.0' });
  expect(await status('127.0.0.1', open.port, 'api.internal')).toBe(200);
  expect(log.join('')).toContain('any Host');
});

it('closing lets the request under way finish, then nobody answers', async () => {
  let commit: () => void = () => {};
  const saved = new Promise<void>((resolve) => (commit = resolve));
  let started = false;
  const server = await serve({
    store: {
      ...absentStore,
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
