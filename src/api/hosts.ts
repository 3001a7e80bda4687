import type { RequestHandler } from 'express';
import { HttpProblem } from './problem.js';

/** Names in Host headers that are answered, in lower case; 'any' where nobody can know what the outside calls us. */
export type AcceptedHosts = ReadonlySet<string> | 'any';

const LOOPBACK = ['127.0.0.1', 'localhost', '[::1]'];
const WILDCARDS = ['0.0.0.0', '::'];

/** The names of a server that listens on `address`: those of loopback and its own; any on a wildcard (containers). */
export function hostsOf(address: string): AcceptedHosts {
  if (WILDCARDS.includes(address)) return 'any';
  return new Set([...LOOPBACK, (address.includes(':') ? `[${address}]` : address).toLowerCase()]);
}

/**
 * Refuses requests that were meant for another name. A page of a name that is led to this address (DNS rebinding) counts
 * as a page of ours for its visitor's browser; the browser still says the name.
 */
export function refuseForeignHosts(accepted: ReadonlySet<string>): RequestHandler {
  return function checkHost(req, _res, next) {
    const given = req.headers.host ?? '';
    const name = /^(\[[^\]]*\]|[^:]*)(?::\d{0,5})?$/.exec(given)?.[1]?.toLowerCase();
    if (name !== undefined && accepted.has(name)) return next();
    throw new HttpProblem(
      421,
      `this server answers to ${[...accepted].join(', ')}, not to ${JSON.stringify(given.slice(0, 100))}; ` +
        'for another name start it with --host',
    );
  };
}
