import { join } from 'node:path';
import { rm } from 'node:fs/promises';
import { z } from 'zod';
import { NAMESPACE, isTemporalHealthy } from '../adapters/temporal/connection.js';
import { SEARCH_ATTRIBUTES, prepareNamespace } from '../adapters/temporal/namespace.js';
import { messageOf } from './errors.js';
import type { Home } from './home.js';
import { launch } from './launch.js';
import { freePort } from './ports.js';
import { endProcess, isAlive, processIdentitySchema, processesNaming } from './processes.js';
import { readState, writeState } from './state-file.js';
import { type Charge, type Life, type Supervised, adoptedLife, supervise, until } from './supervise.js';
import { type ResolveOptions, resolveTemporalCli } from './temporal-cli.js';

const PREFERRED_PORT = 7233;
const READY_TIMEOUT_MS = 60_000;
const GRACE_MS = 8_000;
/** How long an orphan of ours may take to answer before it is replaced. */
const ADOPTION_TIMEOUT_MS = 2_000;
/** A server that does not answer is unlikely to end when asked; SQLite's log survives a kill. */
const UNHEALTHY_GRACE_MS = 2_000;

export interface TemporalServerOptions extends Omit<ResolveOptions, 'fetch' | 'env'> {
  home: Home;
  /** Preferred port; a free one is chosen when it is taken. */
  port?: number | undefined;
  ui?: boolean | undefined;
}

export interface TemporalServer {
  /** host:port of its gRPC front end. */
  address: string;
  /** URL of its web UI, when it has one. */
  ui: string | null;
  supervised: Supervised;
  stop(): Promise<void>;
}

/** `<home>/temporal/server.json`: the server started last, so that one whose parent was killed is found again. */
const serverStateSchema = z.object({
  process: processIdentitySchema,
  port: z.number().int(),
  uiPort: z.number().int().nullable(),
});
type ServerState = z.infer<typeof serverStateSchema>;

/**
 * The Temporal dev server on 127.0.0.1 over a SQLite file in the home, kept running. A healthy one left by a parent that
 * was killed is adopted; an unhealthy one is replaced. One process per home may call this (lockHome).
 */
export async function startTemporalServer(options: TemporalServerOptions): Promise<TemporalServer> {
  return startedAgainOnAFreePort((port) => startOnPort({ ...options, port }), options.port);
}

/**
 * Another home's server may take the port between our look at it and our start (fetching the program takes seconds): then
 * once more on a port that is free. Any other error, and a second one, is the caller's.
 */
export async function startedAgainOnAFreePort<T>(
  start: (port: number | undefined) => Promise<T>,
  port: number | undefined,
): Promise<T> {
  try {
    return await start(port);
  } catch (error) {
    if (!/address already in use/.test(messageOf(error))) throw error;
    return start(await freePort());
  }
}

async function startOnPort(options: TemporalServerOptions): Promise<TemporalServer> {
  const { home, report, signal } = options;
  const database = join(home.temporal, 'temporal.sqlite');
  const stateFile = join(home.temporal, 'server.json');
  const left = await findOrphan(stateFile, database, options.ui === true);
  const port = left?.port ?? (await freePort(options.port ?? PREFERRED_PORT));
  const uiPort = left === null ? await uiPortFor(options, port) : left.uiPort;
  const address = `127.0.0.1:${port}`;
  if (left !== null) report(`Temporal server still running (pid ${left.process.pid}); using it again`);
  let program: string | undefined;

  const charge: Charge = {
    name: 'Temporal server',
    logFile: join(home.logs, 'temporal.log'),
    readyTimeoutMs: READY_TIMEOUT_MS,
    stopSignal: 'SIGTERM',
    graceMs: GRACE_MS,
    async start() {
      // An adopted server needs no program until it dies.
      program ??= (await findProgram(options)).path;
      const args = serverArgs({ database, port, uiPort });
      const command = { file: program, args };
      const env = { ...process.env, DO_NOT_TRACK: '1' };
      const { life } = await launch(command, { logFile: charge.logFile, cwd: home.temporal, env });
      await writeState(stateFile, { process: life.process, port, uiPort } satisfies ServerState);
      return life;
    },
    async ready(_life: Life, abandoned) {
      await until(() => isTemporalHealthy(address), abandoned);
      await prepareNamespace(address, { retention: true });
    },
  };
  if (left !== null) await prepareNamespace(address, { retention: true });
  const adopted = left === null ? undefined : adoptedLife(left.process);
  const supervised = await supervise(charge, { report, signal, adopted });
  return {
    address,
    ui: uiPort === null ? null : `http://127.0.0.1:${uiPort}`,
    supervised,
    async stop() {
      await supervised.stop();
      await rm(stateFile, { force: true });
    },
  };
}

/** Write-ahead logging makes activities 2 to 5 times as fast as SQLite's default journal (measured). */
function serverArgs(server: { database: string; port: number; uiPort: number | null }): string[] {
  return [
    'server start-dev --ip 127.0.0.1 --log-level warn --log-format json',
    `--port ${server.port} --namespace ${NAMESPACE}`,
    '--sqlite-pragma journal_mode=wal --sqlite-pragma synchronous=normal',
    server.uiPort === null ? '--headless' : `--ui-port ${server.uiPort} --ui-disable-news-fetch`,
    ...SEARCH_ATTRIBUTES.map((name) => `--search-attribute ${name}=Keyword`),
  ]
    .flatMap((group) => group.split(' '))
    .concat(databaseArgs(server.database));
}

/** These two, one after the other, are also how a server of ours is recognised. */
const databaseArgs = (database: string) => ['--db-filename', database];

async function findProgram(options: TemporalServerOptions) {
  const cli = await resolveTemporalCli(options);
  options.report(`Temporal: ${cli.version}, from ${cli.source}`);
  return cli;
}

async function uiPortFor(options: TemporalServerOptions, port: number): Promise<number | null> {
  return options.ui === true ? freePort(port + 1000) : null;
}

/**
 * The server of this database if it is the one of the state file, healthy, and has the UI that is wanted. Any other is
 * ended, also one whose parent was killed before it could note it: two servers must never share a database.
 */
async function findOrphan(stateFile: string, database: string, ui: boolean): Promise<ServerState | null> {
  const state = await readState(stateFile, serverStateSchema);
  let found: ServerState | null = null;
  for (const server of processesNaming(databaseArgs(database).join(' '))) {
    const known = state !== null && state.process.pid === server.pid && isAlive(state.process) ? state : null;
    if (known !== null && (!ui || known.uiPort !== null) && (await answersOn(known.port))) found = known;
    else await endProcess(server, 'SIGTERM', UNHEALTHY_GRACE_MS);
  }
  return found;
}

const answersOn = (port: number) =>
  isTemporalHealthy(`127.0.0.1:${port}`, { timeoutMs: ADOPTION_TIMEOUT_MS });
