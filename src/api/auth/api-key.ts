import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Scope, StoredKey } from '../../contracts/access.js';

/** `mk_` and the key's id (public, it names the key in lists and logs), then its secret: 32 bytes, base64url. */
const KEY = /^mk_([0-9a-f]{12})_[\w-]{43}$/;
const NOTHING = Buffer.alloc(32);

interface Rights {
  label: string;
  scopes: readonly Scope[];
  expiresAt?: Date | null;
}

/** What the holder sends; shown once and kept nowhere. */
export function newKeyText(random: (bytes: number) => Buffer = randomBytes): string {
  return `mk_${random(6).toString('hex')}_${random(32).toString('base64url')}`;
}

export function storedForm(text: string, keyId: string, rights: Rights, now: Date): StoredKey {
  const { label, scopes, expiresAt = null } = rights;
  return {
    keyId,
    label,
    scopes: [...new Set(scopes)],
    sha256: sha256(text).toString('hex'),
    createdAt: now.toISOString(),
    expiresAt: expiresAt?.toISOString() ?? null,
    revokedAt: null,
  };
}

export function makeKey(
  rights: Rights,
  now: Date,
  random: (bytes: number) => Buffer = randomBytes,
): { text: string; stored: StoredKey } {
  const text = newKeyText(random);
  return { text, stored: storedForm(text, text.slice(3, 15), rights, now) };
}

/** The id of what has the form of a key. */
export function keyIdOf(text: string): string | null {
  return KEY.exec(text)?.[1] ?? null;
}

/** Whether `text` is the key that was stored; takes as long for every answer, also when nothing was. */
export function isKey(text: string, stored: StoredKey | undefined): boolean {
  const expected = stored === undefined ? NOTHING : Buffer.from(stored.sha256, 'hex');
  return timingSafeEqual(sha256(text), expected) && stored !== undefined;
}

/** Epoch ms from which the key opens nothing. */
export function endOf({ expiresAt, revokedAt }: StoredKey): number {
  if (revokedAt !== null) return 0;
  return expiresAt === null ? Number.POSITIVE_INFINITY : Date.parse(expiresAt);
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
