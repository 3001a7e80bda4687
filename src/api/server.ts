import { createServer, IncomingMessage, type Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import type { Express } from 'express';
import { collectDefaultMetrics } from 'prom-client';
import type { Clock, PidKey } from '../activities/deps.js';
import { createReleaseStore } from '../adapters/releases/release-store.js';
import type { Settings } from '../config.js';
import { absentStore } from './absent-store.js';
import { createApp } from './app.js';
import { type KeyMirror, type KeyringOptions, openKeyring } from './auth/keyring.js';
import { createViewerTokens } from './auth/viewer-tokens.js';
import type { ApiStore, LogDestination } from './deps.js';
import { hostsOf } from './hosts.js';
import { createMetrics } from './metrics.js';
import { readAssets } from './pages/assets.js';
import { cachedPids } from './pids.js';
import { HttpProblem, problemBody } from './problem.js';
import { openServing } from './serving-store.js';

export interface ServerOptions {
  port: number;
  /** Loopback by default. Only requests for it by name are answered (hosts.ts). */
  host?: string;
  pidKey: PidKey;
  /** null: no database; events are refused, profiles unknown, lists served. */
  store: ApiStore | null;
  auth: {
    /** Where API keys are kept; null: no database, the mirror is all there is. */
    keys: KeyringOptions['source'];
    mirror: KeyMirror;
    /** Signs viewer tokens; hosts that share viewers share it. */
    tokenKey: Uint8Array;
  };
  log: LogDestination;
  clock?: Clock;
}
export interface RunningServer {
  url: string;
  port: number;
  /** Stops listening, lets requests under way finish (5 s at most), closes the releases. */
  close(): Promise<void>;
}

/** The port cannot be had; the message is one sentence that names the fix. */
export class PortError extends Error {}

/** How often the channels are looked at: a release is served this long after its night has moved the channel. */
const POLL_MS = 500;
const DRAIN_MS = 5000;

/** The API over a home's warehouse: a composition root. Resolves when it listens, released or not. */
export async function startServer(settings: Settings, options: ServerOptions): Promise<RunningServer> {
  const { log, clock = { now: () => new Date() }, host = '127.0.0.1' } = options;
  const say = (level: number, fields: Record<string, unknown>) =>
    log.write(`${JSON.stringify({ level, time: clock.now().getTime(), ...fields })}\n`);
  const releases = createReleaseStore(settings.warehouse, clock);
  const serving = await openServing(settings.warehouse, releases, {
    pollMs: POLL_MS,
    onSwitch: (channel, releaseId) => say(30, { msg: 'serving', channel, releaseId }),
    onError: (channel, error) => say(50, { msg: 'cannot serve a release', channel, err: String(error) }),
  });
  const hosts = hostsOf(host);
  if (hosts === 'any')
    say(40, {
      msg: 'answers to any Host header',
      host,
    });
  const { api, shop } = settings.config;
  const keyring = await openKeyring({
    source: options.auth.keys,
    mirror: options.auth.mirror,
    clock,
    pollMs: api.keysEverySeconds * 1000,
    onError: (error) => say(50, { msg: 'cannot read the API keys', err: String(error) }),
  });
  const tokens = createViewerTokens({ key: options.auth.tokenKey, clock, minutes: api.viewerTokenMinutes });
  const metrics = createMetrics(serving);
  collectDefaultMetrics({ register: metrics.registry, prefix: 'matinee_' });
  const app = createApp(
    {
      config: settings.config,
      ...(shop.enabled
        ? {
            shop: {
              assets: readAssets(join(settings.projectRoot, 'shop')),
              signIn: shop.signIn,
              card: (releaseId: string) => releases.readCard(releaseId),
            },
          }
        : {}),
      auth: { keys: keyring, tokens },
      clock,
      serving,
      store: options.store ?? absentStore,
      pidOf: cachedPids(options.pidKey.key),
      log,
      hosts,
    },
    metrics,
  );
  const server = createHttpServer(app, { connections: api.connections });
  try {
    const port = await listen(server, options.port, host);
    const shown = host.includes(':') ? `[${host}]` : host;
    return {
      port,
      url: `http://${shown}:${port}`,
      async close() {
        await drain(server);
        await keyring.close();
        await serving.close();
      },
    };
  } catch (error) {
    await keyring.close();
    await serving.close();
    throw error;
  }
}

/** How long a caller may take to say what it wants, and how many may be at it at once. */
export interface ConnectionLimits {
  headersMs: number;
  requestMs: number;
  /** How often slow ones are looked for, ms. */
  sweepMs: number;
  connections: number;
}
const CONNECTION_LIMITS: ConnectionLimits = {
  headersMs: 15_000,
  requestMs: 30_000,
  sweepMs: 5_000,
  connections: 10_000,
};

/**
 * Express gives every request and response its own prototypes, and on Node 20 that is 70 % of what a small answer costs
 * (V8 drops the optimised shape). Here they are born with them, so Express finds nothing to change.
 */
export function createHttpServer(app: Express, limits: Partial<ConnectionLimits> = {}): Server {
  const { headersMs, requestMs, sweepMs, connections } = { ...CONNECTION_LIMITS, ...limits };
  class Incoming extends IncomingMessage {}
  class Outgoing extends ServerResponse {}
  Object.setPrototypeOf(Incoming.prototype, app.request);
  Object.setPrototypeOf(Outgoing.prototype, app.response);
  Object.assign(app, { request: Incoming.prototype, response: Outgoing.prototype });
  const server = createServer(
    {
      IncomingMessage: Incoming,
      ServerResponse: Outgoing,
      keepAliveTimeout: 65_000, // longer than the minute that load balancers keep theirs
      headersTimeout: headersMs,
      requestTimeout: requestMs,
      connectionsCheckingInterval: sweepMs,
    },
    app,
  );
  server.maxConnections = connections;
  server.maxHeadersCount = 0; // Node would drop the rest without a word; the app refuses them
  server.on('checkExpectation', (req, res) => server.emit('request', req, res)); // so are odd expectations
  server.on('clientError', refuseGarbage);
  return server;
}

/** What never became a request is answered as a problem too. */
function refuseGarbage(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, line, detail] =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? ([431, 'Request Header Fields Too Large', 'the headers are larger than 16 KB'] as const)
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? ([408, 'Request Timeout', 'the request took too long to arrive'] as const)
        : ([400, 'Bad Request', 'this is not an HTTP request'] as const);
  const body = JSON.stringify(problemBody(new HttpProblem(status, detail), 'none'));
  socket.end(
    `HTTP/1.1 ${status} ${line}\r\nConnection: close\r\nContent-Type: application/problem+json\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(portError(error, port, host)));
    server.listen(port, host, () => {
      const address = server.address();
      if (address === null || typeof address === 'string') reject(new Error('the server has no port'));
      else resolve(address.port);
    });
  });
}

function portError(error: NodeJS.ErrnoException, port: number, host: string): Error {
  if (error.code === 'EADDRINUSE') {
    return new PortError(
      `Port ${port} is taken by another program; choose another one with --port, e.g. --port ${port + 1}.`,
    );
  }
  if (error.code === 'EACCES') {
    return new PortError(`Port ${port} may not be opened by this user; choose one above 1023 with --port.`);
  }
  if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND') {
    return new PortError(
      `${host} is not an address of this machine; choose one with --host, e.g. --host 127.0.0.1.`,
    );
  }
  return error;
}

async function drain(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  const sweep = setInterval(() => server.closeIdleConnections(), 50);
  const force = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
  server.closeIdleConnections();
  await closed;
  clearInterval(sweep);
  clearTimeout(force);
}
