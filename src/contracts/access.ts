/** What an API key may be used for; a key may have several. */
export const SCOPES = ['storefront', 'ingest', 'operator', 'privacy'] as const;
export type Scope = (typeof SCOPES)[number];

/**
 * Who may call a route: everybody, or who holds an API key with one of `scopes`, or who holds a viewer token, as far as
 * `viewer` lets them:
 * `own-profile`  the token's profile is the path's `:id`     `own-account`  the token's account is the path's `:id`
 * `any`          any viewer; what they may say there is the route's matter
 */
export type Access =
  'public' | { scopes: readonly [Scope, ...Scope[]]; viewer?: 'own-profile' | 'own-account' | 'any' };
