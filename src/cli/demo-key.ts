import { join } from 'node:path';
import type { KeyStore } from '../adapters/postgres/api-keys.js';
import { endOf, keyIdOf, newKeyText, storedForm } from '../api/auth/api-key.js';
import { EmbeddedError } from '../embedded/errors.js';
import { type Home, secret } from '../embedded/home.js';
import { keyMirror } from '../embedded/secrets.js';
import { systemClock } from '../worker/compose.js';

/** For trying things out: may read every list and post events. */
const DEMO = { label: 'demo', scopes: ['storefront', 'ingest'] } as const;

export interface DemoKey {
  text: string;
  file: string;
  /** False when it was revoked: then it stays so. */
  isGood: boolean;
}

/** The demo key of a home: made once, kept in a file that its owner alone can read, known to whatever database is used. */
export async function demoKey(home: Home, keys: KeyStore): Promise<DemoKey> {
  const file = join(home.secrets, 'demo-key');
  const text = (await secret(file, newKeyText)).toString('utf8').trim();
  const keyId = keyIdOf(text);
  if (keyId === null) throw new EmbeddedError(`${file} holds no API key: remove it, and a new one is made.`);
  await keys.add(storedForm(text, keyId, DEMO, systemClock.now()));
  const all = await keys.all();
  await keyMirror(home).write(all);
  const stored = all.find((key) => key.keyId === keyId);
  return { text, file, isGood: stored !== undefined && endOf(stored) > 0 };
}
