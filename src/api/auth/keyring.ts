import type { Clock } from '../../activities/deps.js';
import type { StoredKey } from '../../contracts/access.js';
import { within } from '../within.js';
import { endOf, isKey, keyIdOf } from './api-key.js';
import type { KeyPrincipal } from './principal.js';

/** A copy of the keys outside the database, so that an API host starts and serves without it. */
export interface KeyMirror {
  /** null: there is none. */
  read(): Promise<StoredKey[] | null>;
  write(keys: readonly StoredKey[]): Promise<void>;
}

export interface Keyring {
  /** Who holds this text, from memory; `unknown`: no key of that id is known yet. */
  find(text: string): KeyPrincipal | 'unknown' | null;
  /** The same, after one more look at the keys, unless that was done just now: a key made a moment ago must work. */
  findLate(text: string): Promise<KeyPrincipal | null>;
  /** Looks at the keys now. */
  refresh(): Promise<void>;
  close(): Promise<void>;
}

export interface KeyringOptions {
  /** null: no database; the mirror is all there is. */
  source: { all(): Promise<StoredKey[]> } | null;
  mirror: KeyMirror;
  clock: Clock;
  /** How often the keys are looked at, ms; a revoked key works this much longer. Absent: never by itself. */
  pollMs?: number;
  /** Hears of keys that can be had neither from the database nor from the mirror. */
  onError?: (error: unknown) => void;
}

/** Longest wait for the database, ms. */
const SOURCE_MS = 2000;
/** Looks for unknown keys are at least this far apart, ms: guessing must not become load on the database. */
const LATE_GAP_MS = 1000;

/**
 * The API keys in memory, so that no request waits for the database.
 * 1. What the database says replaces what was known, and is mirrored.
 * 2. While it is away, the mirror counts (a command may have changed it); without either, what was known stays.
 * 3. A text that was found right is remembered until the keys change: hashing costs more than serving a list. Only right
 *    ones are, so that guessing fills no memory, and finding one takes the same time for every wrong one.
 */
export async function openKeyring(options: KeyringOptions): Promise<Keyring> {
  const { source, mirror, clock, onError = () => {} } = options;
  let { pollMs } = options;
  let state = '';
  let keys = new Map<string, StoredKey>();
  const remembered = new Map<string, KeyPrincipal>();
  const nowMs = () => clock.now().getTime();

  const take = (fresh: readonly StoredKey[]): boolean => {
    const freshState = JSON.stringify(fresh);
    if (freshState === state) return false;
    state = freshState;
    keys = new Map(fresh.map((key) => [key.keyId, key]));
    remembered.clear();
    return true;
  };
  const takeMirror = async () => {
    const kept = await mirror.read();
    if (kept !== null) take(kept);
  };
  const load = async () => {
    try {
      if (source === null) return await takeMirror();
      let fresh: StoredKey[];
      try {
        fresh = await within(source.all(), SOURCE_MS, 'reading the API keys');
      } catch (error) {
        await takeMirror();
        if (keys.size === 0) onError(error);
        return;
      }
      if (take(fresh)) await mirror.write(fresh);
    } catch (error) {
      onError(error);
    }
  };
  let loading: Promise<void> | null = null;
  let lookedAt = Number.NEGATIVE_INFINITY;
  const refresh = () => {
    lookedAt = nowMs();
    return (loading ??= load().finally(() => (loading = null)));
  };

  const find = (text: string): KeyPrincipal | 'unknown' | null => {
    let found = remembered.get(text);
    if (found === undefined) {
      const keyId = keyIdOf(text);
      if (keyId === null) return null;
      const stored = keys.get(keyId);
      const isRight = isKey(text, stored);
      if (stored === undefined) return 'unknown';
      if (!isRight) return null;
      found = { kind: 'key', keyId, scopes: new Set(stored.scopes), expiresAt: endOf(stored) };
      remembered.set(text, found);
    }
    return found.expiresAt > nowMs() ? found : null;
  };

  await refresh();
  let timer: NodeJS.Timeout | undefined;
  const schedule = () => {
    if (pollMs !== undefined) timer = setTimeout(() => void refresh().then(schedule), pollMs).unref();
  };
  schedule();
  return {
    find,
    async findLate(text) {
      if (loading !== null || nowMs() - lookedAt >= LATE_GAP_MS) await refresh();
      const found = find(text);
      return found === 'unknown' ? null : found;
    },
    refresh,
    async close() {
      pollMs = undefined;
      clearTimeout(timer);
      await loading;
    },
  };
}
