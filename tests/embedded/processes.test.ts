import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { freePort, isPortFree } from '../../src/embedded/ports.js';
import {
  commandLine,
  endProcess,
  identify,
  identifySelf,
  isAlive,
  processesNaming,
} from '../../src/embedded/processes.js';

test('a process is known by its pid and its birth', async () => {
  const self = identifySelf();
  expect(isAlive(self)).toBe(true);
  expect(isAlive({ ...self, born: `${self.born}0` })).toBe(false);
  expect(commandLine(process.pid)).toContain(process.execPath.split('/').at(-1));
  const child = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60000)']);
  const identity = identify(child.pid!)!;
  expect(identity.born).not.toBe(self.born);
  await endProcess(identity, 'SIGTERM', 5000);
  expect(isAlive(identity)).toBe(false);
  expect(identify(identity.pid)).toBeNull();
});

test('processes are found by what is on their command line', async () => {
  const child = spawn(process.execPath, [
    '-e',
    'setTimeout(() => {}, 60000)',
    '--',
    '--mark',
    'of this test',
  ]);
  const identity = identify(child.pid!)!;
  expect(processesNaming('--mark of this test')).toEqual([identity]);
  await endProcess(identity, 'SIGKILL', 5000);
  expect(processesNaming('--mark of this test')).toEqual([]);
});

test('one that ignores the request is killed after the grace time', async () => {
  const child = spawn(process.execPath, [
    '-e',
    "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); console.log('deaf')",
  ]);
  await once(child.stdout, 'data');
  const exited = once(child, 'exit');
  await endProcess(identify(child.pid!)!, 'SIGTERM', 200);
  expect(await exited).toEqual([null, 'SIGKILL']);
});

test('a preferred port is taken when it is free, and only then', async () => {
  const port = await freePort();
  expect(await freePort(port)).toBe(port);
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  expect(await isPortFree(port)).toBe(false);
  expect(await freePort(port)).not.toBe(port);
  server.close();
});

test('a port of ours is below those the system gives to outgoing connections', async () => {
  const ports = await Promise.all(Array.from({ length: 50 }, () => freePort()));
  expect(Math.max(...ports)).toBeLessThan(32_768);
  expect(Math.min(...ports)).toBeGreaterThan(10_000);
});
