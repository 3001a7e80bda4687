import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { Client as TemporalClient } from '@temporalio/client';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { connectTemporal, isTemporalHealthy } from '../../src/adapters/temporal/connection.js';
import { RETENTION_DAYS, SEARCH_ATTRIBUTES } from '../../src/adapters/temporal/namespace.js';
import { loadSettings } from '../../src/config.js';
import { openHome } from '../../src/embedded/home.js';
import { HomeBusy, readRunningUp } from '../../src/embedded/lock.js';
import { startPostgres } from '../../src/embedded/postgres.js';
import { type ProcessIdentity, identify, isAlive } from '../../src/embedded/processes.js';
import { type Services, attachOrStart } from '../../src/embedded/services.js';

const folder = mkdtempSync(join(tmpdir(), 'matinee-servers-'));
const settings = loadSettings({
  ...process.env,
  MATINEE_HOME: join(folder, 'home'),
  DATABASE_URL: '',
  TEMPORAL_ADDRESS: '',
});
const isRoot = process.getuid?.() === 0;
const said: string[] = [];
const report = (line: string) => void said.push(line);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function sql<T extends object>(url: string, text: string): Promise<T[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<T>(text)).rows;
  } finally {
    await client.end();
  }
}

async function eventually(
  what: string,
  check: () => boolean | Promise<boolean>,
  withinMs = 15_000,
): Promise<void> {
  for (const deadline = Date.now() + withinMs; !(await check());) {
    if (Date.now() > deadline) throw new Error(`not within ${withinMs} ms: ${what}`);
    await new Promise((wake) => setTimeout(wake, 50));
  }
}
const sqlAnswers = (url: string) => () =>
  sql(url, 'SELECT 1').then(
    () => true,
    () => false,
  );
const identityOf = (pid: number | undefined): ProcessIdentity => identify(pid ?? 0)!;

describe('a command on its own', () => {
  let services: Services;
  beforeAll(async () => {
    services = await attachOrStart(settings, { command: 'nightly', report, ui: true });
  });
  afterAll(() => services.stop());

  test('gets both servers, on loopback alone, with what nights need', async () => {
    const [{ database, locale } = { database: '', locale: '' }] = await sql<{
      database: string;
      locale: string;
    }>(
      services.databaseUrl,
      'SELECT current_database() AS database, datlocale AS locale FROM pg_database WHERE datname = current_database()',
    );
    expect([database, locale]).toEqual(['matinee', 'C.UTF-8']);
    const [{ addresses } = { addresses: '' }] = await sql<{ addresses: string }>(
      services.databaseUrl,
      "SELECT current_setting('listen_addresses') || current_setting('unix_socket_directories') AS addresses",
    );
    expect(addresses).toBe('127.0.0.1');
    const connection = await connectTemporal(services.temporalAddress);
    try {
      const { config } = await connection.workflowService.describeNamespace({ namespace: 'default' });
      expect(Number(config?.workflowExecutionRetentionTtl?.seconds)).toBe(RETENTION_DAYS * 86_400);
      const { customAttributes } = await connection.operatorService.listSearchAttributes({
        namespace: 'default',
      });
      expect(Object.keys(customAttributes ?? {})).toEqual(expect.arrayContaining([...SEARCH_ATTRIBUTES]));
    } finally {
      await connection.close();
    }
    expect((await fetch(services.temporalUi ?? '')).status).toBe(200);
  });

  test('a second command is refused while it runs', async () => {
    const refused = await attachOrStart(settings, { command: 'import', report }).catch(
      (error: unknown) => error,
    );
    expect(refused).toBeInstanceOf(HomeBusy);
    expect(String(refused)).toContain('matinee nightly is already running');
  });

  test('kill -9 of Postgres: it comes back at the same address with every committed row', async () => {
    await sql(services.databaseUrl, 'CREATE TABLE kept AS SELECT generate_series(1, 1000) AS n');
    const killed = identityOf(services.pids.postgres);
    process.kill(killed.pid, 'SIGKILL');
    await eventually(
      'Postgres answers again',
      async () => !isAlive(killed) && (await sqlAnswers(services.databaseUrl)()),
    );
    expect(await sql(services.databaseUrl, 'SELECT count(*)::int AS n FROM kept')).toEqual([{ n: 1000 }]);
    await eventually('its new pid is known', () => services.pids.postgres !== killed.pid);
  });

  test('kill -9 of Temporal: it comes back at the same address with its workflows', async () => {
    const start = async () => {
      const connection = await connectTemporal(services.temporalAddress);
      try {
        const client = new TemporalClient({ connection });
        await client.workflow.start('waits', { workflowId: 'kept', taskQueue: 'nobody-listens' });
      } finally {
        await connection.close();
      }
    };
    await start();
    const killed = identityOf(services.pids.temporal);
    process.kill(killed.pid, 'SIGKILL');
    await eventually(
      'Temporal answers again',
      async () => !isAlive(killed) && isTemporalHealthy(services.temporalAddress),
    );
    await expect(start()).rejects.toThrow(/already started/i);
  });

  test('its end ends both, and leaves no lock, no lock file and no password in a log', async () => {
    const pids = [identityOf(services.pids.postgres), identityOf(services.pids.temporal)];
    await services.stop();
    for (const server of pids) expect(isAlive(server)).toBe(false);
    const again = await attachOrStart(
      { ...settings, temporalAddress: '127.0.0.1:1' },
      { command: 'import', report },
    );
    expect(await sql(again.databaseUrl, 'SELECT count(*)::int AS n FROM kept')).toEqual([{ n: 1000 }]);
    await again.stop();
    const password = readFileSync(join(settings.home, 'secrets', 'postgres.password'), 'utf8');
    for (const log of readdirSync(join(settings.home, 'logs'))) {
      expect(readFileSync(join(settings.home, 'logs', log), 'utf8')).not.toContain(password);
    }
    expect(said.join('\n')).not.toContain(password);
  });
});

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
  const place = join(folder, 'home');
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
    expect(await sqlAnswers(before.databaseUrl)()).toBe(true); // attached.stop() and the kill left it alone
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
    expect(await sqlAnswers(after.databaseUrl)()).toBe(true);
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
    const second = up();
    const after = await second.started;
    expect(after.temporal).not.toBe(before.temporal);
    expect(isAlive(stuck)).toBe(false);
    second.child.kill('SIGTERM');
    await second.ended;
  });
});

describe('Postgres under every account', () => {
  const runs = async (options: Parameters<typeof startPostgres>[0]) => {
    const postgres = await startPostgres(options);
    try {
      return (
        await sql<{ data: string }>(postgres.url, "SELECT current_setting('data_directory') AS data")
      )[0]?.data;
    } finally {
      await postgres.stop();
    }
  };
  const common = async (name: string) => {
    const home = await openHome(join(folder, name));
    return { home, cache: join(folder, 'cache'), report };
  };

  test('an initdb that was killed half-way is done again; what is no cluster is set aside', async () => {
    const options = await common('half');
    const { pg } = options.home;
    mkdirSync(join(pg, 'data.new-123', 'base'), { recursive: true });
    mkdirSync(join(pg, 'data', 'global'), { recursive: true });
    writeFileSync(join(pg, 'data', 'PG_VERSION'), '18\n');
    expect(await runs(options)).toBe(join(pg, 'data'));
    const entries = readdirSync(pg);
    expect(entries.filter((entry) => entry.startsWith('data.broken-'))).toHaveLength(1);
    expect(entries.filter((entry) => entry.startsWith('data.new-'))).toEqual([]);
    writeFileSync(join(pg, 'data', 'PG_VERSION'), '15\n');
    await expect(runs(options)).rejects.toThrow(/made by Postgres 15, and this Matinee brings 18.*pg_dump/);
  });

  test.skipIf(!isRoot)(
    'root without user namespaces: an existing user, in a system folder, kept for later',
    async () => {
      const options = await common('system');
      chmodSync(folder, 0o755);
      const systemRoot = join(folder, 'system-root');
      const data = await runs({ ...options, systemRoot, ways: ['system user'] });
      expect(data?.startsWith(systemRoot)).toBe(true);
      expect(await runs(options)).toBe(data); // found again although user namespaces would work
    },
  );

  test.skipIf(!isRoot)('root with no way at all: one sentence that names DATABASE_URL', async () => {
    await expect(runs({ ...(await common('none')), ways: [] })).rejects.toThrow(
      /refuses to run as root.*DATABASE_URL/,
    );
  });

  test.skipIf(!isRoot)('an ordinary user, in a private folder', async () => {
    const [home, script] = [join(folder, 'theirs'), join(folder, 'theirs.mjs')];
    chmodSync(folder, 0o755);
    mkdirSync(home, { mode: 0o700 });
    const nobody = 65_534;
    execFileSync('chown', [`${nobody}:${nobody}`, home]);
    writeFileSync(
      script,
      `const { openHome } = await import(new URL('embedded/home.js', process.argv[2]).href);
       const { startPostgres } = await import(new URL('embedded/postgres.js', process.argv[2]).href);
       const home = await openHome(process.argv[3]);
       const postgres = await startPostgres({ home, cache: home.root + '/pg/cache', report: console.error });
       await postgres.stop();
       console.log(process.getuid());`,
    );
    const dist = pathToFileURL(`${resolve('dist')}/`).href;
    const asNobody = { uid: nobody, gid: nobody, cwd: '/', env: {}, encoding: 'utf8' as const };
    expect(execFileSync(process.execPath, [script, dist, home], asNobody).trim()).toBe(String(nobody));
  });
});
