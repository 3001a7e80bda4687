import type { Express } from 'express';
import { allowOnly } from './problem.js';
import type { Config } from '../contracts/config.js';
import { jsonBody } from './body.js';
import type { Guard } from './auth/guard.js';
import type { Route } from './routes/registry.js';

const VERBS = { GET: 'get', POST: 'post', PUT: 'put', DELETE: 'delete' } as const;

/**
 * Mounts routes in their order, those of one path together, each behind its guard; every other method of a path is
 * refused with `Allow`.
 */
export function mount(
  app: Express,
  routes: readonly Route[],
  guard: Guard,
  { bodyBytes }: Pick<Config['api'], 'bodyBytes'>,
): void {
  const readBody = jsonBody(bodyBytes);
  for (const [path, ofPath] of byPath(routes)) {
    const route = app.route(path);
    for (const operation of ofPath) {
      const { before, readsBody, operation: run } = operation;
      route[VERBS[operation.method]](guard.of(operation), ...before, ...(readsBody ? readBody : []), run);
    }
    route.all(allowOnly(...ofPath.flatMap(({ method }) => (method === 'GET' ? ['GET', 'HEAD'] : [method]))));
  }
}

function byPath(routes: readonly Route[]): Map<string, Route[]> {
  const paths = new Map<string, Route[]>();
  for (const route of routes) {
    const ofPath = paths.get(route.path);
    if (ofPath === undefined) paths.set(route.path, [route]);
    else if (ofPath.some(({ method }) => method === route.method))
      throw new Error(`${route.method} ${route.path} is defined twice`);
    else ofPath.push(route);
  }
  return paths;
}
