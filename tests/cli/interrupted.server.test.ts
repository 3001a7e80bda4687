import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { beforeAll, expect, test } from 'vitest';
import { homePaths } from '../../src/embedded/home.js';
import { lockHolder, readRunningUp } from '../../src/embedded/lock.js';
import { freePort } from '../../src/embedded/ports.js';
import { isAlive, processesNaming } from '../../src/embedded/processes.js';
import { temporaryHome } from '../embedded/server-support.js';

/** Ctrl-C while a night runs: the command ends, and with it every server that it started. Two commands, one home. */
const { settings } = temporaryHome();
const home = homePaths(settings.home);

beforeAll(() => {
  execFileSync(process.execPath, ['scripts/build.js']); // nothing to do after npm run build
});

function matinee(...args: string[]) {
  const env = { ...process.env, MATINEE_HOME: home.root, DATABASE_URL: '', TEMPORAL_ADDRESS: '' };
  const child = spawn(process.execPath, ['bin/matinee.js', ...args], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  const ended = once(child, 'exit');
  /** Resolves when the lines so far say it; rejects when the command ends before. */
  const says = (isSaid: () => boolean) =>
    new Promise<void>((heard, fail) => {
      const look = () => {
        if (isSaid()) heard();
      };
      look();
      child.on('line', look);
      void ended.then(() => fail(new Error(`ended too early:\n${lines.join('\n')}`)));
    });
  for (const stream of [child.stdout, child.stderr])
    createInterface(stream).on('line', (line) => {
      lines.push(line);
      child.emit('line');
    });
  return { child, lines, ended, says };
}

async function interrupt(child: ChildProcess, ended: Promise<unknown[]>): Promise<unknown> {
  expect(processesNaming(home.root).length).toBeGreaterThan(1); // Postgres and Temporal at least
  child.kill('SIGINT');
  const [code] = await ended;
  expect(processesNaming(home.root)).toEqual([]);
  expect(await lockHolder(home)).toBeNull();
  return code;
}

test('an audience lives with the product for two nights; Ctrl-C in the third', async () => {
  const size = ['--viewers', '60', '--films', '40', '--days', '20', '--list', '5'];
  const { child, lines, ended, says } = matinee('simulate', 'live', '--nights', '3', ...size);
  const days = () =>
    lines.filter((line) => /^ {2}\d{4}-\d\d-\d\d: released; .* lists shown; .* events$/.test(line));
  await says(() => days().length === 2);
  expect(await interrupt(child, ended)).toBe(1);
  expect(lines.join('\n')).toContain('stopped by SIGINT');
});

test('`up` in its first night', async () => {
  rmSync(join(settings.warehouse, 'channels', 'default'), { recursive: true }); // as if no night had been before
  const { child, lines, ended, says } = matinee('up', '--port', String(await freePort()));
  await says(() => lines.some((line) => line.startsWith('  extract ')));
  const running = await readRunningUp(home);
  expect(running?.children).toHaveLength(2);
  expect(await interrupt(child, ended)).toBe(1);
  for (const part of running?.children ?? []) expect(isAlive(part.process)).toBe(false);
  expect(lines.join('\n')).toContain('stopped before the first release');
});
