import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import { type StoredKey, storedKeySchema } from '../contracts/access.js';
import { EmbeddedError } from './errors.js';
import { type Home, secret } from './home.js';
import { readState, writeState } from './state-file.js';

const TOKEN_KEY_BYTES = 32;

/** Signs viewer tokens. Removing the file and starting the API again signs every viewer out. */
export async function tokenKey(
  home: Home,
  random: (bytes: number) => Buffer = randomBytes,
): Promise<Uint8Array> {
  const file = join(home.secrets, 'viewer-tokens.key');
  const key = await secret(file, () => random(TOKEN_KEY_BYTES));
  if (key.length !== TOKEN_KEY_BYTES) {
    throw new EmbeddedError(
      `${file} has ${key.length} bytes, expected ${TOKEN_KEY_BYTES}: remove it, and a new one is made; viewers sign in again.`,
    );
  }
  return key;
}

const mirrorSchema = z.strictObject({ keys: z.array(storedKeySchema) });

/** `<home>/secrets/api-keys.json`: the API keys' hashes, for when the database is away. A broken file is none. */
export function keyMirror(home: Home): {
  read(): Promise<StoredKey[] | null>;
  write(keys: readonly StoredKey[]): Promise<void>;
} {
  const file = join(home.secrets, 'api-keys.json');
  return {
    read: async () => (await readState(file, mirrorSchema))?.keys ?? null,
    write: (keys) => writeState(file, { keys }),
  };
}
