import type { Request, RequestHandler } from 'express';
import type { Access } from '../../contracts/access.js';
import { HttpProblem } from '../problem.js';
import { credentialsOf } from './credentials.js';
import type { Keyring } from './keyring.js';
import type { Principal } from './principal.js';
import type { RateLimits } from './rate-limits.js';
import type { ViewerTokens } from './viewer-tokens.js';

/** What requests are judged by. `open`: inside a process that nobody else can reach (a rehearsal), nothing is asked. */
export type Auth = { keys: Pick<Keyring, 'find' | 'findLate'>; tokens: ViewerTokens } | 'open';

export interface Guard {
  /** The first handler of a route: refuses whom its access does not name. */
  of(route: { access: Access; isUnlimited?: boolean }): RequestHandler;
  /** Refuses nobody but the unknown: for what is no route. */
  known: RequestHandler;
  /** Sets the principal of a page's request where there is a good one; asks for none. */
  recognise: RequestHandler;
}

/**
 * Denies by default: a route names who may call it, and nobody else may. A caller who is known counts against their own
 * rate, everybody else, guessers too, against that of their address. For a key or token that was seen before all of it
 * happens at once, without a promise.
 */
export function createGuard(auth: Auth, limits: RateLimits): Guard {
  if (auth === 'open') return { of: () => letPass, known: letPass, recognise: letPass };
  const { keys, tokens } = auth;

  /** Counts nothing for who is found in memory. */
  const identify = (req: Request): Principal | Promise<Principal> | null => {
    const shown = credentialsOf(req);
    switch (shown.kind) {
      case 'none':
        return null;
      case 'key': {
        const found = keys.find(shown.text);
        if (found !== null && found !== 'unknown') return found;
        limits.countAddress(req);
        if (found === null) throw badKey();
        return keys.findLate(shown.text).then((late) => late ?? refuse(badKey()));
      }
      case 'token': {
        const found = tokens.recall(shown.text);
        if (found !== undefined && found !== null) return found;
        limits.countAddress(req);
        if (found === null) throw badToken();
        return tokens.verify(shown.text).then((viewer) => viewer ?? refuse(badToken()));
      }
      case 'malformed':
        limits.countAddress(req);
        throw unauthorised(
          'the Authorization header must be: Bearer, and an API key or a viewer token',
          'error="invalid_request"',
        );
      case 'foreign':
        limits.countAddress(req);
        throw new HttpProblem(
          403,
          'the viewer’s cookie counts only for requests of our own pages; send the token as Authorization: Bearer',
        );
    }
  };
  const count = (req: Request, principal: Principal | null) => {
    if (principal === null) return limits.countAddress(req);
    limits.count(principal);
    req.principal = principal;
  };
  const guardBy = (judge: (req: Request, principal: Principal | null) => void): RequestHandler => {
    const admit = (req: Request, principal: Principal | null) => {
      count(req, principal);
      judge(req, principal);
    };
    return function guard(req, _res, next) {
      const found = identify(req);
      if (found instanceof Promise) {
        return found.then((principal) => {
          admit(req, principal);
          next();
        });
      }
      admit(req, found);
      next();
    };
  };

  return {
    of({ access, isUnlimited = false }) {
      if (access === 'public') return isUnlimited ? letPass : countOnly(limits);
      return guardBy((req, principal) => authorise(access, principal, req.params['id']));
    },
    known: guardBy((_req, principal) => {
      if (principal === null) throw unauthorised('this needs an API key or a viewer token');
    }),
    recognise(req, _res, next) {
      let found;
      try {
        found = identify(req);
      } catch (error) {
        if (error instanceof HttpProblem && error.status !== 429) found = null;
        else throw error;
      }
      if (!(found instanceof Promise)) {
        count(req, found);
        return next();
      }
      return found
        .catch((error: unknown) => (error instanceof HttpProblem ? null : refuse(error)))
        .then((principal) => {
          count(req, principal);
          next();
        });
    },
  };
}

/** Throws unless `principal` may call a route of this access, whose path has this `:id`. */
export function authorise(access: Exclude<Access, 'public'>, principal: Principal | null, id: unknown): void {
  const { scopes, viewer } = access;
  const wanted = `an API key of scope ${scopes.join(' or ')}`;
  if (principal === null)
    throw unauthorised(`this needs ${wanted}${viewer === undefined ? '' : ', or a viewer token'}`);
  if (principal.kind === 'key') {
    if (scopes.some((scope) => principal.scopes.has(scope))) return;
    throw forbidden(`this needs ${wanted}; this key has ${[...principal.scopes].join(', ')}`, scopes);
  }
  switch (viewer) {
    case undefined:
      throw forbidden(`this needs ${wanted}; a viewer token does not open it`, scopes);
    case 'any':
      return;
    case 'own-profile':
      if (id === principal.profileId) return;
      throw forbidden('a viewer token opens what is its own viewer’s, and nobody else’s');
    case 'own-account':
      if (id === principal.accountId) return;
      throw forbidden('a viewer token opens its own account, and nobody else’s');
  }
}

const letPass: RequestHandler = (_req, _res, next) => next();

/** Public routes look at no credentials, so that wrong ones do no harm. */
function countOnly(limits: RateLimits): RequestHandler {
  return function guardPublic(req, _res, next) {
    limits.countAddress(req);
    next();
  };
}

function refuse(error: unknown): never {
  throw error;
}

const badKey = () =>
  unauthorised('this API key is not known, was revoked, or has expired', 'error="invalid_token"');
const badToken = () =>
  unauthorised('this viewer token is not ours, or has expired: mint a new one', 'error="invalid_token"');

function unauthorised(detail: string, ...challenge: string[]): HttpProblem {
  const value = ['Bearer realm="matinee"', ...challenge].join(', ');
  return new HttpProblem(401, detail, { headers: ['WWW-Authenticate', value] });
}

function forbidden(detail: string, scopes: readonly string[] = []): HttpProblem {
  if (scopes.length === 0) return new HttpProblem(403, detail);
  const value = `Bearer realm="matinee", error="insufficient_scope", scope="${scopes.join(' ')}"`;
  return new HttpProblem(403, detail, { headers: ['WWW-Authenticate', value] });
}
