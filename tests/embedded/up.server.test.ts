import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { openHome } from '../../src/embedded/home.js';
import { readRunningUp } from '../../src/embedded/lock.js';
import { isAlive } from '../../src/embedded/processes.js';
import { attachOrStart } from '../../src/embedded/services.js';
import { eventually, identityOf, sqlAnswers, temporaryHome } from './server-support.js';

const { folder, settings, report } = temporaryHome();

const upSays = z.object({
  postgres: z.number(),
  temporal: z.number(),
  worker: z.number(),
  databaseUrl: z.string(),
});

/** A process that does what `matinee up` does with these modules. It runs compiled code, as a user's does. */
const UP = `
  const [home, lock, services, children, shutdown, config] = await Promise.all(
    ['embedded/home', 'embedded/lock', 'embedded/services', 'embedded/children', 'embedded/shutdown', 'config']
      .map((module) => import(new URL(module + '.js', process.argv[2]).href)));
  const settings = config.loadSettings();
  const report = (line) => console.log(line);
  const stop = shutdown.listenForShutdown();
  const place = await home.openHome(settings.home);
  const held = await lock.lockHome(place, 'up');
  const servers = await services.startServices(settings, { report, signal: stop.signal });
  const workers = await children.startChildren(
    [{ name: 'worker', script: process.argv[3], env: process.env, cwd: place.root }], { home: place, report });
  await held.publish({ startedAt: new Date().toISOString(), api: null, temporalAddress: servers.temporalAddress,
    temporalUi: servers.temporalUi, databaseUrl: servers.databaseUrl, children: workers.processes });
  const { databaseUrl, pids } = servers;
  console.log('UP ' + JSON.stringify({ ...pids, databaseUrl, worker: workers.processes[0].process.pid }));
  console.log('stopping after ' + (await stop.requested));
  await workers.stop();
  await servers.stop();
  await held.release();
  process.exit(0);`;
const WORKER = `
  process.on('SIGTERM', () => { console.log('asked to stop'); process.exit(0); });
  process.on('SIGINT', () => console.log('heard Ctrl-C'));
  setInterval(() => {}, 1000);
  process.send({ kind: 'ready' });`;

interface Up {
  child: ChildProcess;
  lines: string[];
  /** What it printed when it was up; rejects when it ended before. */
  started: Promise<z.infer<typeof upSays>>;
  ended: Promise<unknown[]>;
}

describe('up', () => {
  const [upScript, workerScript] = [join(folder, 'up.mjs'), join(folder, 'worker.mjs')];
  const place = settings.home;
  const upLog = () => readFileSync(join(place, 'logs', 'worker.log'), 'utf8');
  const running: ChildProcess[] = [];

  beforeAll(() => {
    execFileSync(process.execPath, ['scripts/build.js']); // nothing to do after npm run build
    writeFileSync(upScript, UP);
    writeFileSync(workerScript, WORKER);
  });
  afterAll(() => {
    for (const child of running) child.kill('SIGTERM');
  });

  /** In a process group of its own, like a shell's job. */
  function up(): Up {
    const dist = pathToFileURL(`${resolve('dist')}/`).href;
    const child = spawn(process.execPath, [upScript, dist, workerScript], {
      detached: true,
      env: { ...process.env, MATINEE_HOME: place, DATABASE_URL: '', TEMPORAL_ADDRESS: '' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    running.push(child);
    const lines: string[] = [];
    let errors = '';
    child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    const ended = once(child, 'exit');
    const started = new Promise<z.infer<typeof upSays>>((done, fail) => {
      createInterface(child.stdout).on('line', (line) => {
        lines.push(line);
        if (line.startsWith('UP ')) done(upSays.parse(JSON.parse(line.slice(3))));
      });
      void ended.then(() => fail(new Error(`up ended: ${errors || lines.join('\n')}`)));
    });
    return { child, lines, started, ended };
  }

  test('kill -9 of it: the next one adopts both servers and replaces the worker', async () => {
    const first = up();
    const before = await first.started;
    const orphans = [before.postgres, before.temporal].map(identityOf);
    const worker = identityOf(before.worker);

    const refused = up();
    await expect(refused.started).rejects.toThrow(
      `already running in the home ${place} (pid ${first.child.pid}`,
    );

    const attached = await attachOrStart(settings, { command: 'nightly', report });
    expect(attached.databaseUrl).toBe(before.databaseUrl);
    await attached.stop();

    process.kill(first.child.pid!, 'SIGKILL');
    await first.ended;
    for (const server of orphans) expect(isAlive(server)).toBe(true);
    expect(await sqlAnswers(before.databaseUrl)).toBe(true); // attached.stop() and the kill left it alone
    expect(await readRunningUp(await openHome(place))).toBeNull();

    const second = up();
    const after = await second.started;
    expect([after.postgres, after.temporal, after.databaseUrl]).toEqual([
      before.postgres,
      before.temporal,
      before.databaseUrl,
    ]);
    expect(isAlive(worker)).toBe(false);
    expect(after.worker).not.toBe(before.worker);

    // An adopted server is kept running too.
    process.kill(after.postgres, 'SIGKILL');
    await eventually('the adopted Postgres is back', () => second.lines.includes('Postgres is back'));
    expect(await sqlAnswers(after.databaseUrl)).toBe(true);
    second.child.kill('SIGTERM');
    expect(await second.ended).toEqual([0, null]);
    expect(isAlive(orphans[1]!)).toBe(false);
  });

  test('Ctrl-C to its whole group, twice: everything it started ends once, in order, and nothing else', async () => {
    rmSync(join(place, 'logs', 'worker.log'));
    const bystander = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    running.push(bystander);
    const job = up();
    const { postgres, temporal, worker } = await job.started;
    const all = [postgres, temporal, worker].map(identityOf);
    process.kill(-job.child.pid!, 'SIGINT');
    process.kill(-job.child.pid!, 'SIGINT'); // npm passes the terminal's on
    expect(await job.ended).toEqual([0, null]);
    for (const started of all) expect(isAlive(started)).toBe(false);
    expect(isAlive(identityOf(bystander.pid))).toBe(true);
    expect(upLog()).toBe('asked to stop\n');
    expect(job.lines.filter((line) => line.startsWith('stopping'))).toEqual(['stopping after SIGINT']);
    expect(job.lines.filter((line) => line.includes('starting it again'))).toEqual([]);
    expect(readFileSync(join(place, 'logs', 'postgres.log'), 'utf8')).toMatch(
      /database system is shut down\s*$/,
    );
  });

  test('an orphan that is not healthy is replaced: Temporal stopped in its tracks (SIGSTOP)', async () => {
    const first = up();
    const before = await first.started;
    process.kill(first.child.pid!, 'SIGKILL');
    process.kill(before.temporal, 'SIGSTOP');
    const stuck = identityOf(before.temporal);
    // Somebody looks at the database: not a server, and not ours to end.
    const database = join(place, 'temporal', 'temporal.sqlite');
    const reader = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)', database], {
      stdio: 'ignore',
    });
    running.push(reader);
    const second = up();
    const after = await second.started;
    expect(after.temporal).not.toBe(before.temporal);
    expect(isAlive(stuck)).toBe(false);
    expect(isAlive(identityOf(reader.pid))).toBe(true);
    second.child.kill('SIGTERM');
    await second.ended;
  });
});
