import { join } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { createOperationalStore, type PostgresStore } from '../adapters/postgres/operational-store.js';
import { PortError, startServer } from '../api/server.js';
import { loadSettings, type Settings } from '../config.js';
import { onOrphaned } from '../embedded/child-side.js';
import { homePaths, openHome, pidKey } from '../embedded/home.js';
import { keyMirror, tokenKey } from '../embedded/secrets.js';
import { readRunningUp } from '../embedded/lock.js';
import { listenForShutdown } from '../embedded/shutdown.js';
import { bufferedLog } from './buffered-log.js';
import { UsageError } from './errors.js';

/** `matinee api`: the HTTP API alone, over the home's warehouse. */
export function registerApi(program: Command): void {
  program
    .command('api')
    .description('serve the HTTP API over the warehouse, without starting anything else')
    .option('--port <port>', 'port to listen on; 0 takes any free one', portOf, 8080)
    .option('--host <address>', 'address to listen on, also the name it answers to', '127.0.0.1')
    .action(async ({ port, host }: { port: number; host: string }) => {
      const settings = loadSettings();
      const home = await openHome(settings.home);
      const shutdown = listenForShutdown();
      const stopped = Promise.race([shutdown.requested, new Promise<void>(onOrphaned)]);
      const store = await openStore(settings);
      const isChild = process.send !== undefined;
      // A parent keeps what its children print in a log of its own.
      const log = bufferedLog(isChild ? 1 : join(home.logs, 'api.log'));
      try {
        const auth = {
          keys: store?.keys ?? null,
          mirror: keyMirror(home),
          tokenKey: await tokenKey(home),
        };
        const server = await startServer(settings, {
          port,
          host,
          pidKey: await pidKey(home),
          store,
          auth,
          log,
        });
        if (!isChild) process.stdout.write(`API ${server.url} (log: ${join(home.logs, 'api.log')})\n`);
        process.send?.({ kind: 'ready', port: server.port, address: server.url });
        await stopped;
        await server.close();
      } catch (error) {
        throw error instanceof PortError ? new UsageError(error.message) : error;
      } finally {
        log.close();
        await store?.close();
        shutdown.dispose();
      }
    });
}

/** The operational store of DATABASE_URL or of the home's running `up`; null when there is neither. */
export async function openStore(settings: Settings): Promise<PostgresStore | null> {
  const running = settings.databaseUrl === undefined ? await readRunningUp(homePaths(settings.home)) : null;
  const url = settings.databaseUrl ?? running?.databaseUrl;
  return url === undefined ? null : createOperationalStore(url);
}

function portOf(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : -1;
  if (port < 0 || port > 65_535) throw new InvalidArgumentError('a port is a number from 0 to 65535.');
  return port;
}
