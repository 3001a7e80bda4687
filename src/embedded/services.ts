import { setTimeout as sleep } from 'node:timers/promises';
import type { Settings } from '../config.js';
import { EmbeddedError } from './errors.js';
import { type Home, openHome } from './home.js';
import { HomeBusy, type RunningUp, lockHolder, lockHome, readRunningUp } from './lock.js';
import { startPostgres } from './postgres.js';
import type { Report } from './supervise.js';
import { startTemporalServer } from './temporal-server.js';

const UP_STARTS_WITHIN_MS = 120_000;

export interface ServiceOptions {
  /** One line per thing that happened: found, started, restarted. */
  report: Report;
  /** Called when a server answers. */
  onReady?: (server: 'Postgres' | 'Temporal', detail: string) => void;
  /** The store alone: no Temporal is started; a user's own, or that of a running `up`, is still named. */
  storeOnly?: boolean;
  /** Start Temporal's web UI too. */
  ui?: boolean;
  /** Preferred port of the Temporal server (7233). */
  temporalPort?: number;
  /** Abandons starting. */
  signal?: AbortSignal;
}

/** The two servers that everything else uses. */
export interface Services {
  databaseUrl: string;
  /** '' = there is none, for only the store was wanted. */
  temporalAddress: string;
  temporalUi: string | null;
  /** Pids of servers that we keep running; they change when one is restarted. Empty for servers of the user's own. */
  readonly pids: { postgres?: number; temporal?: number };
  /** Stops what was started here and nothing else. */
  stop(): Promise<void>;
}

/**
 * Postgres and Temporal, each the user's own (DATABASE_URL, TEMPORAL_ADDRESS) or embedded, started in parallel. The
 * caller holds the home's lock. When one does not start, the other is stopped before the error is thrown.
 */
export async function startServices(settings: Settings, options: ServiceOptions): Promise<Services> {
  const home = await openHome(settings.home);
  const failing = new AbortController();
  const signal = AbortSignal.any([failing.signal, ...(options.signal === undefined ? [] : [options.signal])]);
  const startTogether = async <T extends { detail: string }>(
    server: 'Postgres' | 'Temporal',
    start: Promise<T>,
  ): Promise<T> => {
    try {
      const started = await start;
      options.onReady?.(server, started.detail);
      return started;
    } catch (error) {
      failing.abort(error);
      throw error;
    }
  };
  const [postgres, temporal] = await Promise.allSettled([
    startTogether('Postgres', postgresService(settings, home, { ...options, signal })),
    startTogether('Temporal', temporalService(settings, home, { ...options, signal })),
  ]);
  if (postgres.status === 'rejected' || temporal.status === 'rejected') {
    for (const server of [postgres, temporal]) if (server.status === 'fulfilled') await server.value.stop();
    throw failing.signal.reason;
  }
  const [pg, tp] = [postgres.value, temporal.value];
  return {
    databaseUrl: pg.url,
    temporalAddress: tp.address,
    temporalUi: tp.ui,
    get pids() {
      const [postgresPid, temporalPid] = [pg.supervised?.process.pid, tp.supervised?.process.pid];
      return {
        ...(postgresPid === undefined ? {} : { postgres: postgresPid }),
        ...(temporalPid === undefined ? {} : { temporal: temporalPid }),
      };
    },
    async stop() {
      await Promise.all([pg.stop(), tp.stop()]);
    },
  };
}

const nothingToStop = () => Promise.resolve();

async function postgresService(settings: Settings, home: Home, options: ServiceOptions) {
  const { databaseUrl, cache } = settings;
  if (databaseUrl !== undefined) {
    return { url: databaseUrl, supervised: null, stop: nothingToStop, detail: 'your own, by DATABASE_URL' };
  }
  const started = await startPostgres({ home, cache, report: options.report, signal: options.signal });
  return { ...started, detail: `embedded, data in ${home.pg}` };
}

async function temporalService(settings: Settings, home: Home, options: ServiceOptions) {
  const { temporalAddress, temporalCli, cache } = settings;
  if (temporalAddress !== undefined) {
    const detail = `your own, TEMPORAL_ADDRESS ${temporalAddress}`;
    return { address: temporalAddress, ui: null, supervised: null, stop: nothingToStop, detail };
  }
  if (options.storeOnly === true)
    return { address: '', ui: null, supervised: null, stop: nothingToStop, detail: 'not needed' };
  const { report, signal, ui, temporalPort: port } = options;
  const started = await startTemporalServer({ home, temporalCli, cache, report, signal, ui, port });
  const seen = started.ui === null ? '' : `; look into nights at ${started.ui}`;
  return { ...started, detail: `embedded, at ${started.address}${seen}` };
}

/**
 * What every command but `up` uses: the servers of a running `up` of this home (stop() then leaves them alone), else
 * servers of its own for as long as it runs. With both DATABASE_URL and TEMPORAL_ADDRESS the home needs no lock.
 * Throws HomeBusy when another command has servers of its own running in this home.
 */
export async function attachOrStart(
  settings: Settings,
  options: ServiceOptions & { command: string },
): Promise<Services> {
  if (settings.databaseUrl !== undefined && settings.temporalAddress !== undefined) {
    return startServices(settings, options);
  }
  const home = await openHome(settings.home);
  const running = await runningUp(home, options);
  if (running !== null) return attached(settings, running);
  const lock = await lockHome(home, options.command).catch((error: unknown) => {
    if (error instanceof HomeBusy && error.holder.command === 'up') return null; // it has started just now
    throw error;
  });
  if (lock === null) return attachOrStart(settings, options);
  try {
    const services = await startServices(settings, options);
    return {
      ...services,
      get pids() {
        return services.pids;
      },
      async stop() {
        await services.stop();
        await lock.release();
      },
    };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/** The `up` of this home, waited for while it is still starting. */
async function runningUp(home: Home, { report, signal }: ServiceOptions): Promise<RunningUp | null> {
  const deadline = performance.now() + UP_STARTS_WITHIN_MS;
  for (let waited = false; ; waited = true) {
    const [holder, running] = [await lockHolder(home), await readRunningUp(home)];
    if (running !== null || holder?.command !== 'up') return running;
    if (!waited) report(`waiting for \`matinee up\` (pid ${holder.process.pid}) to start`);
    if (performance.now() > deadline) {
      throw new EmbeddedError(
        `matinee up (pid ${holder.process.pid}) has not started its servers; see ${home.logs}`,
      );
    }
    await sleep(200, undefined, { signal });
  }
}

function attached(settings: Settings, up: RunningUp): Services {
  return {
    databaseUrl: settings.databaseUrl ?? up.databaseUrl,
    temporalAddress: settings.temporalAddress ?? up.temporalAddress,
    temporalUi: settings.temporalAddress === undefined ? up.temporalUi : null,
    pids: {},
    stop: nothingToStop,
  };
}
