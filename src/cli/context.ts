import { fileURLToPath } from 'node:url';
import { createReleaseStore } from '../adapters/releases/release-store.js';
import { createOperationalStore, type PostgresStore } from '../adapters/postgres/operational-store.js';
import { migrate } from '../adapters/postgres/migrate.js';
import { type Settings, settingsEnv } from '../config.js';
import { type Child, type ChildSpec, startChildren } from '../embedded/children.js';
import { openHome } from '../embedded/home.js';
import { lockHome, readRunningUp } from '../embedded/lock.js';
import { attachOrStart, type Services, startServices } from '../embedded/services.js';
import { listenForShutdown } from '../embedded/shutdown.js';
import { systemClock } from '../worker/compose.js';
import { UsageError } from './errors.js';
import { connectNights, type Nights } from './night-client.js';
import type { Board } from './parts-view.js';
import { preflight } from './preflight.js';

const CLI = fileURLToPath(new URL('../../bin/matinee.js', import.meta.url));

/** What a command works with while its servers run. */
export interface Running {
  databaseUrl: string;
  /** '' without a worker, unless an `up` runs. */
  temporalAddress: string;
  /** True when a running `matinee up` owns the servers; they stay when the command ends. */
  attached: boolean;
  /** Pids of servers and children that are ours, for diagnosis and fault injection. */
  pids(): Record<string, number>;
  store: PostgresStore;
  nights(): Promise<Nights>;
}

interface ServicesOptions {
  /** Also have Temporal and a worker, for commands that run workflows. */
  worker?: boolean;
  /** No words on the terminal about what is started. */
  quiet?: boolean;
}

/**
 * Runs `work` with the servers of a running `up`, else with servers (and a worker) of its own, which are stopped
 * afterwards, also on Ctrl-C.
 */
export async function withServices<T>(
  settings: Settings,
  { worker = false, quiet = false }: ServicesOptions,
  work: (running: Running) => Promise<T>,
): Promise<T> {
  const home = await openHome(settings.home);
  const shutdown = listenForShutdown();
  const report = quiet ? () => {} : (line: string) => process.stderr.write(`  ${line}\n`);
  const up = await readRunningUp(home);
  try {
    await preflight(settings);
  } catch (error) {
    shutdown.dispose();
    throw error;
  }
  const services = await attachOrStart(settings, {
    command: commandName(),
    report,
    signal: shutdown.signal,
    storeOnly: !worker,
  });
  let held: ReturnType<typeof running> | undefined;
  let children: Awaited<ReturnType<typeof startChildren>> | undefined;
  try {
    await migrate(services.databaseUrl);
    if (worker && up === null) {
      children = await startChildren([workerSpec(settings, services)], {
        home,
        report,
        signal: shutdown.signal,
      });
    }
    held = running(services, up !== null, () => children?.all ?? []);
    return await Promise.race([work(held.running), stopped(shutdown.requested)]);
  } finally {
    await children?.stop();
    await services.stop();
    await held?.close({ isLeft: shutdown.signal.aborted });
    shutdown.dispose();
  }
}

/** The stack of `matinee up`: servers, a worker, the API. */
export interface RunningStack extends Running {
  api: string;
  temporalUi: string | null;
  /** Resolves at Ctrl-C. */
  interrupted: Promise<unknown>;
  /** The release on channel `default`, if any. */
  serving(): Promise<string | null>;
  /** `isLeft`: in the middle of work, which still asks Temporal how it goes; the process must end at once afterwards. */
  stop(how?: { isLeft: boolean }): Promise<void>;
}

/** Children by the names that people read. */
const PARTS: Record<string, string> = { worker: 'Worker', api: 'API' };

/** A home that is ours, and in which nothing is in the way of a start. */
export type Claim = Awaited<ReturnType<typeof claimHome>>;

/** What forbids a start is thrown here, before a word is said about servers. */
export async function claimHome(settings: Settings, port: number) {
  const home = await openHome(settings.home);
  const shutdown = listenForShutdown();
  try {
    const lock = await lockHome(home, 'up');
    try {
      await preflight(settings, port);
    } catch (error) {
      await lock.release();
      throw error;
    }
    return { home, lock, shutdown };
  } catch (error) {
    shutdown.dispose();
    throw error;
  }
}

interface StackOptions {
  port: number;
  board: Board;
  /** Hears of the store, up to date, before the worker and the API start, and says with which settings they do. */
  settle: (store: PostgresStore) => Promise<Settings>;
}

export async function startStack(
  settings: Settings,
  { home, lock, shutdown }: Claim,
  { port, board, settle }: StackOptions,
): Promise<RunningStack> {
  let held: ReturnType<typeof running> | undefined;
  let children: Awaited<ReturnType<typeof startChildren>> | undefined;
  let isLeft = false;
  const undo: (() => Promise<unknown>)[] = [() => lock.release(), async () => held?.close({ isLeft })];
  const stop = async (how: { isLeft: boolean } = { isLeft: false }) => {
    isLeft = how.isLeft;
    for (const step of undo.splice(0).reverse()) await step();
    shutdown.dispose();
  };
  try {
    const report = (line: string) => board.note(line);
    const { signal } = shutdown;
    const startedAt = systemClock.now().toISOString();
    let postgres = '';
    const services = await startServices(settings, {
      report,
      ui: true,
      signal,
      onReady(server, detail) {
        if (server === 'Temporal') return board.ready(server, detail);
        postgres = detail;
        board.doing(server, 'bringing its tables up to date');
      },
    });
    undo.push(() => services.stop());
    await migrate(services.databaseUrl);
    board.ready('Postgres', postgres);
    held = running(services, false, () => children?.all ?? []);
    const settled = await settle(held.running.store);
    const specs = [workerSpec(settled, services), apiSpec(settled, services, port)];
    const started = await startChildren(specs, {
      home,
      report,
      signal,
      onReady: (name, address) =>
        board.ready(PARTS[name] ?? name, address ?? `its log is ${home.logs}/${name}.log`),
      onRestart: () => void publish(),
    });
    children = started;
    undo.push(() => started.stop());
    const api = started.all.find((child) => child.name === 'api')?.address ?? `http://127.0.0.1:${port}`;
    const publish = () => {
      const { databaseUrl, temporalAddress, temporalUi } = services;
      return lock.publish({
        startedAt,
        api,
        temporalAddress,
        temporalUi,
        databaseUrl,
        children: started.processes,
      });
    };
    await publish();
    const releases = createReleaseStore(settings.warehouse, systemClock);
    return {
      ...held.running,
      api,
      temporalUi: services.temporalUi,
      interrupted: shutdown.requested,
      serving: async () => (await releases.current('default'))?.releaseId ?? null,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Addresses for a process that only joins: a worker or an API beside a running `up`, or in a deployment. */
export async function runningServices(
  settings: Settings,
): Promise<{ databaseUrl: string; temporalAddress: string }> {
  const up = await readRunningUp(await openHome(settings.home));
  const databaseUrl = settings.databaseUrl ?? up?.databaseUrl;
  const temporalAddress = settings.temporalAddress ?? up?.temporalAddress;
  if (databaseUrl === undefined || temporalAddress === undefined) {
    throw new UsageError(
      'no running `matinee up` in this home: start one, or set DATABASE_URL and TEMPORAL_ADDRESS',
    );
  }
  return { databaseUrl, temporalAddress };
}

function running(services: Services, attached: boolean, children: () => readonly Child[]) {
  const store = createOperationalStore(services.databaseUrl, { clock: systemClock });
  let nights: Promise<Nights> | undefined;
  const value: Running = {
    databaseUrl: services.databaseUrl,
    temporalAddress: services.temporalAddress,
    attached,
    pids: () => ({
      ...services.pids,
      ...Object.fromEntries(children().map((child) => [child.name, child.process.pid])),
    }),
    store,
    nights: () => (nights ??= connectNights(services.temporalAddress)),
  };
  return {
    running: value,
    /** `isLeft`: a night is still being watched, and gRPC throws when it retries a call on a closed connection. */
    async close({ isLeft }: { isLeft: boolean }) {
      if (!isLeft) await (await nights?.catch(() => undefined))?.close();
      await store.close();
    },
  };
}

function workerSpec(settings: Settings, services: Services): ChildSpec {
  return { name: 'worker', args: ['worker'], ...childBase(settings, services) };
}

function apiSpec(settings: Settings, services: Services, port: number): ChildSpec {
  return { name: 'api', args: ['api', '--port', String(port)], ...childBase(settings, services) };
}

function childBase(settings: Settings, { databaseUrl, temporalAddress }: Services) {
  return {
    script: CLI,
    cwd: settings.home,
    env: { ...settingsEnv(settings), DATABASE_URL: databaseUrl, TEMPORAL_ADDRESS: temporalAddress },
  };
}

const commandName = () => process.argv[2] ?? 'matinee';

async function stopped(requested: Promise<NodeJS.Signals>): Promise<never> {
  throw new UsageError(`stopped by ${await requested}`);
}
