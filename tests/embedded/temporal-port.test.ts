import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { startedAgainOnAFreePort } from '../../src/embedded/temporal-server.js';

/** Listens as a server would; rejects in Node's own words when the port is taken. */
async function listen(port: number): Promise<ReturnType<typeof createServer>> {
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

test('a port that was taken at the last moment gives way to a free one', async () => {
  const other = await listen(0);
  const { port: taken } = other.address() as AddressInfo;
  const tried: (number | undefined)[] = [];
  const server = await startedAgainOnAFreePort(async (port) => {
    tried.push(port);
    return listen(port ?? 0);
  }, taken);
  expect(tried[0]).toBe(taken);
  expect(tried).toHaveLength(2);
  expect((server.address() as AddressInfo).port).toBe(tried[1]);
  server.close();
  other.close();
});

test('another error, or a second one, is the caller’s', async () => {
  const tried: (number | undefined)[] = [];
  const failing = (message: string) => async (port: number | undefined) => {
    tried.push(port);
    throw new Error(message);
  };
  await expect(startedAgainOnAFreePort(failing('no program'), 7233)).rejects.toThrow('no program');
  expect(tried).toEqual([7233]);
  const busy = 'listen tcp 127.0.0.1:7233: bind: address already in use';
  await expect(startedAgainOnAFreePort(failing(busy), 7233)).rejects.toThrow(busy);
  expect(tried).toHaveLength(3);
});
