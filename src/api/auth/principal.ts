import type { Request } from 'express';
import type { Scope } from '../../contracts/access.js';

/** Who a request is from: the holder of an API key, or a viewer. */
export type Principal = KeyPrincipal | ViewerPrincipal;
export interface KeyPrincipal {
  kind: 'key';
  keyId: string;
  scopes: ReadonlySet<Scope>;
  /** Epoch ms. */
  expiresAt: number;
}
export interface ViewerPrincipal {
  kind: 'viewer';
  profileId: string;
  /** null: the account could not be looked up when the token was made; then it opens no account. */
  accountId: string | null;
  /** Epoch ms. */
  expiresAt: number;
}

declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace
  namespace Express {
    interface Request {
      /** Set by the guard of a route, and for pages by `recognise`. */
      principal?: Principal;
    }
  }
}

/** Who the request is from; null: nobody that is known, which only public routes and pages let through. */
export function principalOf(req: Request): Principal | null {
  return req.principal ?? null;
}

/** The viewer the request is from, if it is from one. */
export function viewerOf(req: Request): ViewerPrincipal | null {
  const principal = principalOf(req);
  return principal?.kind === 'viewer' ? principal : null;
}
