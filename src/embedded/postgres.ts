import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Client, escapeIdentifier } from 'pg';
import type { Home } from './home.js';
import { launch } from './launch.js';
import { freePort } from './ports.js';
import { type AccountOptions, postgresAccount } from './postgres-account.js';
import { postgresBinaries, programIn } from './postgres-binaries.js';
import { type Cluster, DATABASE, SUPERUSER, ensureCluster } from './postgres-cluster.js';
import { type ProcessIdentity, commandLine, endProcess, identify } from './processes.js';
import { type Charge, type Report, type Supervised, adoptedLife, supervise, until } from './supervise.js';

const READY_TIMEOUT_MS = 60_000;
const GRACE_MS = 20_000;
const CONNECT_TIMEOUT_MS = 2_000;

export interface PostgresOptions extends Pick<AccountOptions, 'systemRoot' | 'ways'> {
  home: Home;
  /** Folder for a copy of the programs where node_modules is read-only. */
  cache: string;
  report: Report;
  signal?: AbortSignal | undefined;
}

export interface EmbeddedPostgres {
  /** postgres://… of the database `matinee`, with its password. */
  url: string;
  supervised: Supervised;
  stop(): Promise<void>;
}

/**
 * Postgres on 127.0.0.1 (no Unix socket), data in the home, kept running. One left by a parent that was killed is
 * adopted when it answers with our password from our data folder, and replaced when it does not. One process per home may
 * call this (lockHome).
 */
export async function startPostgres(options: PostgresOptions): Promise<EmbeddedPostgres> {
  const { home, report, signal } = options;
  const account = await postgresAccount({ ...options, binaries: await postgresBinaries(options.cache) });
  const cluster = await ensureCluster(home, account, report);
  const left = await findOrphan(cluster);
  if (left !== null) report(`Postgres still running (pid ${left.process.pid}); using it again`);
  const port = left?.port ?? (await freePort());

  const charge: Charge = {
    name: 'Postgres',
    logFile: join(home.logs, 'postgres.log'),
    readyTimeoutMs: READY_TIMEOUT_MS,
    stopSignal: 'SIGINT', // its "fast" shutdown: open transactions are rolled back, data are flushed
    graceMs: GRACE_MS,
    async start() {
      await endOrphan(cluster);
      const command = account.command(programIn(account.binaries, 'postgres'), serverArgs(cluster, port));
      const { life } = await launch(command, { logFile: charge.logFile, cwd: account.folder });
      return life;
    },
    ready: (_life, abandoned) => until(() => answers(cluster, port), abandoned),
  };
  const adopted = left === null ? undefined : adoptedLife(left.process);
  const supervised = await supervise(charge, { report, signal, adopted });
  try {
    await ensureDatabase(cluster, port);
  } catch (error) {
    await supervised.stop();
    throw error;
  }
  return { url: urlOf(cluster, port, DATABASE), supervised, stop: () => supervised.stop() };
}

function serverArgs({ data }: Cluster, port: number): string[] {
  const settings = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: '',
    timezone: 'UTC',
    log_timezone: 'UTC',
    log_checkpoints: 'off',
  };
  return ['-D', data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
}

const urlOf = ({ password }: Cluster, port: number, database: string) =>
  `postgres://${SUPERUSER}:${password}@127.0.0.1:${port}/${database}`;

/** True when a server on this port takes our password and serves our data folder. */
async function answers(cluster: Cluster, port: number): Promise<boolean> {
  try {
    return await withClient(cluster, port, async (client) => {
      const { rows } = await client.query<{ data_directory: string }>('SHOW data_directory');
      return rows[0]?.data_directory === cluster.data;
    });
  } catch {
    return false;
  }
}

async function ensureDatabase(cluster: Cluster, port: number): Promise<void> {
  await withClient(cluster, port, async (client) => {
    const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [DATABASE]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${escapeIdentifier(DATABASE)}`);
  });
}

async function withClient<T>(
  cluster: Cluster,
  port: number,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const client = new Client({
    connectionString: urlOf(cluster, port, 'postgres'),
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: CONNECT_TIMEOUT_MS * 5,
  });
  client.on('error', () => undefined); // a server that stops also fails the query, which reports it
  try {
    await client.connect();
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** A running server of our data folder that answers. */
async function findOrphan(cluster: Cluster): Promise<{ process: ProcessIdentity; port: number } | null> {
  const postmaster = await readPostmaster(cluster);
  const process = postmaster && runningPostmaster(cluster, postmaster.pid);
  if (postmaster === null || process === null) return null;
  return (await answers(cluster, postmaster.port)) ? { process, port: postmaster.port } : null;
}

/** Ends a server of our data folder that does not answer; removes the lock file of one whose pid is now something else. */
async function endOrphan(cluster: Cluster): Promise<void> {
  const postmaster = await readPostmaster(cluster);
  if (postmaster === null) return;
  const orphan = runningPostmaster(cluster, postmaster.pid);
  if (orphan !== null) await endProcess(orphan, 'SIGINT', GRACE_MS);
  else if (identify(postmaster.pid) !== null) await rm(pidFile(cluster), { force: true });
}

function runningPostmaster({ data }: Cluster, pid: number): ProcessIdentity | null {
  return commandLine(pid).includes(data) ? identify(pid) : null;
}

/** postmaster.pid: pid, data folder, start time, port, … one per line. */
async function readPostmaster(cluster: Cluster): Promise<{ pid: number; port: number } | null> {
  const text = await readFile(pidFile(cluster), 'utf8').catch(() => '');
  const [pid, , , port] = text.split('\n').map(Number);
  return pid !== undefined && pid > 0 && port !== undefined ? { pid, port } : null;
}

const pidFile = ({ data }: Cluster) => join(data, 'postmaster.pid');
