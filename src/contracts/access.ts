import { z } from 'zod';

/** What an API key may be used for; a key may have several. */
export const SCOPES = ['storefront', 'ingest', 'operator'] as const;
export type Scope = (typeof SCOPES)[number];

/** What the scopes open, in the words of the documents. */
export const SCOPE_MEANINGS: Record<Scope, string> = {
  storefront: 'films, the lists of every viewer, viewer tokens',
  ingest: 'events of every viewer',
  operator: 'a closed /metrics (api.metrics: operator), nothing else yet',
};

/**
 * Who may call a route: everybody, or who holds an API key with one of `scopes`, or who holds a viewer token, as far as
 * `viewer` lets them:
 * `own-profile`  the token's profile is the path's `:id`     `own-account`  the token's account is the path's `:id`
 * `any`          any viewer; what they may say there is the route's matter
 */
export type Access =
  'public' | { scopes: readonly [Scope, ...Scope[]]; viewer?: 'own-profile' | 'own-account' | 'any' };

/** An API key as it is kept: `sha256` (hex) of the text that its holder was shown once. */
export const storedKeySchema = z.strictObject({
  keyId: z.string(),
  label: z.string(),
  // A scope that this version has not opens nothing here; its key is still listed and revoked.
  scopes: z.array(z.string()).transform((all) => SCOPES.filter((scope) => all.includes(scope))),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime().nullable(),
  revokedAt: z.iso.datetime().nullable(),
});
export type StoredKey = z.infer<typeof storedKeySchema>;
