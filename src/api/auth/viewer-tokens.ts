import { errors, jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';
import type { Clock } from '../../activities/deps.js';
import type { ViewerPrincipal } from './principal.js';

export interface ViewerTokens {
  issue(viewer: { profileId: string; accountId: string | null }): Promise<{ token: string; expiresAt: Date }>;
  /** The viewer of a token that is ours and still good. */
  verify(token: string): Promise<ViewerPrincipal | null>;
  /** The same at once, for tokens that were verified before; undefined: verify it. */
  recall(token: string): ViewerPrincipal | null | undefined;
}

const ISSUER = 'matinee';
const ALGORITHM = 'HS256';
/** Ours have about 250 characters; ids may make them longer. */
const LONGEST = 2048;
/** Verified tokens kept, about 500 bytes each. Verifying one costs more than serving a list. */
const CAPACITY = 20_000;

const claimsSchema = z.object({
  sub: z.string().min(1),
  account: z.string().nullable(),
  exp: z.number().int(),
});

/** Short-lived tokens that speak for one viewer: JWTs signed by a key that never leaves the API hosts. */
export function createViewerTokens({
  key,
  clock,
  minutes,
}: {
  key: Uint8Array;
  clock: Clock;
  minutes: number;
}): ViewerTokens {
  const verified = new Map<string, ViewerPrincipal>();
  const remember = (token: string, viewer: ViewerPrincipal) => {
    const oldest = verified.size >= CAPACITY ? verified.keys().next().value : undefined;
    if (oldest !== undefined) verified.delete(oldest);
    verified.set(token, viewer);
  };
  return {
    async issue({ profileId, accountId }) {
      const now = Math.floor(clock.now().getTime() / 1000);
      const exp = now + minutes * 60;
      const token = await new SignJWT({ account: accountId })
        .setProtectedHeader({ alg: ALGORITHM })
        .setIssuer(ISSUER)
        .setAudience(ISSUER)
        .setSubject(profileId)
        .setIssuedAt(now)
        .setExpirationTime(exp)
        .sign(key);
      return { token, expiresAt: new Date(exp * 1000) };
    },
    async verify(token) {
      if (token.length > LONGEST) return null;
      try {
        const { payload } = await jwtVerify(token, key, {
          algorithms: [ALGORITHM],
          issuer: ISSUER,
          audience: ISSUER,
          requiredClaims: ['exp', 'sub'],
          currentDate: clock.now(),
        });
        const { sub, account, exp } = claimsSchema.parse(payload);
        const viewer: ViewerPrincipal = {
          kind: 'viewer',
          profileId: sub,
          accountId: account,
          expiresAt: exp * 1000,
        };
        remember(token, viewer);
        return viewer;
      } catch (error) {
        if (error instanceof errors.JOSEError || error instanceof z.ZodError) return null;
        throw error;
      }
    },
    recall(token) {
      const viewer = verified.get(token);
      if (viewer === undefined) return undefined;
      if (viewer.expiresAt > clock.now().getTime()) return viewer;
      verified.delete(token);
      return null;
    },
  };
}
