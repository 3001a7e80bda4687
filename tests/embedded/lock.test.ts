import { spawn } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { type Home, openHome } from '../../src/embedded/home.js';
import { HomeBusy, lockHolder, lockHome, readRunningUp } from '../../src/embedded/lock.js';
import { type ProcessIdentity, identify, identifySelf, isAlive } from '../../src/embedded/processes.js';
import { temporaryFolder } from './temporary.js';

const folder = temporaryFolder();
let home: Home;
let count = 0;
beforeEach(async () => {
  home = await openHome(join(folder, String(count++)));
});

const state = {
  startedAt: '2026-01-31T02:30:00.000Z',
  api: 'http://127.0.0.1:8080',
  temporalAddress: '127.0.0.1:7233',
  temporalUi: null,
  databaseUrl: 'postgres://x@127.0.0.1:5432/matinee',
  children: [],
};

/** A process that waits for its end. */
function bystander(): { process: ProcessIdentity; kill: () => Promise<void> } {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const identity = identify(child.pid!)!;
  return {
    process: identity,
    kill: () => {
      child.kill('SIGKILL');
      return gone;
    },
  };
}

describe('one process per home', () => {
  test('the second is refused, and told who has it and where', async () => {
    const lock = await lockHome(home, 'up');
    await lock.publish(state);
    const refused = await lockHome(home, 'nightly').catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(HomeBusy);
    expect(String(refused)).toContain(
      `matinee up is already running in the home ${home.root} (pid ${process.pid}, API http://127.0.0.1:8080, Temporal 127.0.0.1:7233)`,
    );
    expect(String(refused)).toContain(`kill ${process.pid}`);
    await lock.release();
    await (await lockHome(home, 'nightly')).release();
  });

  test('of twenty at once exactly one gets it, again and again', async () => {
    for (let round = 0; round < 5; round++) {
      const results = await Promise.allSettled(Array.from({ length: 20 }, () => lockHome(home, 'up')));
      const locks = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
      expect(locks).toHaveLength(1);
      await locks[0]?.release();
    }
    expect(readdirSync(join(home.root, 'lock'))).toHaveLength(1); // older numbers are swept
  });

  test('of twenty that find a dead holder exactly one takes over', async () => {
    const dead = bystander();
    await lockHome(home, 'up', dead.process);
    await expect(lockHome(home, 'up')).rejects.toThrow(`pid ${dead.process.pid}`);
    await dead.kill();
    const results = await Promise.allSettled(Array.from({ length: 20 }, () => lockHome(home, 'up')));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  test('a holder whose pid belongs to something else now is dead', async () => {
    const reused = { pid: process.pid, born: 'an-earlier-boot:12345' };
    const abandoned = await lockHome(home, 'up', reused);
    await abandoned.publish(state);
    expect(await lockHolder(home)).toBeNull();
    expect(await readRunningUp(home)).toBeNull();
    await (await lockHome(home, 'up')).release();
  });

  test('releasing twice does not take the lock of a successor', async () => {
    const first = await lockHome(home, 'up');
    await first.release();
    const second = await lockHome(home, 'nightly');
    await first.release();
    expect((await lockHolder(home))?.command).toBe('nightly');
    await second.release();
    expect(await lockHolder(home)).toBeNull();
  });
});

describe('up.json', () => {
  test('is private, read back while its process lives, and gone after the release', async () => {
    const lock = await lockHome(home, 'up');
    expect(await readRunningUp(home)).toBeNull();
    await lock.publish(state);
    expect(await readRunningUp(home)).toEqual({ ...state, process: identifySelf() });
    expect(statSync(join(home.root, 'up.json')).mode & 0o777).toBe(0o600);
    await lock.release();
    expect(existsSync(join(home.root, 'up.json'))).toBe(false);
  });

  test('the workers that a killed `up` left are ended by its successor, and nothing else', async () => {
    const [up, worker, stranger] = [bystander(), bystander(), bystander()];
    const lock = await lockHome(home, 'up', up.process);
    const reused = { pid: stranger.process.pid, born: 'an-earlier-boot:1' };
    const children = [
      { name: 'worker', process: worker.process },
      { name: 'api', process: reused },
    ];
    await lock.publish({ ...state, children });
    await up.kill();
    await (await lockHome(home, 'up')).release();
    expect(isAlive(worker.process)).toBe(false);
    expect(isAlive(stranger.process)).toBe(true);
    await stranger.kill();
  });
});
