import { randomBytes } from 'node:crypto';
import type { Request, RequestHandler } from 'express';
import type { Clock } from '../activities/deps.js';
import { principalOf } from './auth/principal.js';
import type { LogDestination } from './deps.js';
import type { ApiMetrics } from './metrics.js';

/** What callers may choose as a request id: nothing that could forge a log line or a header. */
const REQUEST_ID = /^[\w.:-]{1,64}$/;

/**
 * The first middleware: request id, one log line and one duration per request, when its response is over.
 * The line is written by hand: `pino-http` alone would cost as much as all the rest of a request. It names the route,
 * never the path: a path holds a viewer's id.
 */
export function observe({
  clock,
  log,
  metrics,
}: {
  clock: Clock;
  log: LogDestination;
  metrics: ApiMetrics;
}): RequestHandler {
  const prefix = randomBytes(6).toString('hex');
  let count = 0;
  return function observeRequest(req, res, next) {
    const started = performance.now();
    const given = req.headers['x-request-id'];
    res.requestId =
      typeof given === 'string' && REQUEST_ID.test(given) ? given : `${prefix}-${(++count).toString(36)}`;
    res.once('close', () => {
      const ms = performance.now() - started;
      // 499, as nginx says it: the caller went away before the answer was out.
      const status = res.writableFinished ? res.statusCode : 499;
      const route = routeOf(req.route);
      metrics.observeRequest(route, status, ms / 1000);
      log.write(
        `{"level":${status >= 500 ? 50 : 30},"time":${clock.now().getTime()},"requestId":"${res.requestId}",` +
          `"method":"${req.method}","route":"${route}","status":${status},${callerOf(req)}"ms":${ms.toFixed(2)}}\n`,
      );
    });
    next();
  };
}

/** Which API key asked, by its public id; of a viewer only that it was one. */
function callerOf(req: Request): string {
  const principal = principalOf(req);
  if (principal === null) return '';
  return principal.kind === 'key' ? `"by":"${principal.keyId}",` : '"by":"viewer",';
}

/** The pattern of the matched route. `req.route` is untyped in Express. */
function routeOf(route: unknown): string {
  if (typeof route !== 'object' || route === null || !('path' in route)) return 'unmatched';
  return typeof route.path === 'string' ? route.path : 'unmatched';
}
