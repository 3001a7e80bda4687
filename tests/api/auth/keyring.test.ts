import { describe, expect, it } from 'vitest';
import { endOf, isKey, keyIdOf, makeKey } from '../../../src/api/auth/api-key.js';
import { type KeyMirror, type KeyringOptions, openKeyring } from '../../../src/api/auth/keyring.js';
import type { StoredKey } from '../../../src/contracts/access.js';
import { down, NOW } from '../world.js';

const shop = makeKey({ label: 'shop', scopes: ['storefront'] }, NOW);
const late = makeKey({ label: 'late', scopes: ['ingest', 'ingest'] }, NOW);

/** A database, a mirror and a clock, all in memory. */
function fixture(start: { inDatabase?: StoredKey[]; inMirror?: StoredKey[] | null } = {}) {
  const self = {
    now: NOW.getTime(),
    inDatabase: start.inDatabase ?? [shop.stored],
    inMirror: start.inMirror ?? null,
    reads: 0,
    errors: [] as unknown[],
    all(): Promise<StoredKey[]> {
      self.reads++;
      return Promise.resolve(self.inDatabase);
    },
  };
  const mirror: KeyMirror = {
    read: () => Promise.resolve(self.inMirror),
    write: (keys) => {
      self.inMirror = [...keys];
      return Promise.resolve();
    },
  };
  const options: KeyringOptions = {
    source: { all: () => self.all() },
    mirror,
    clock: { now: () => new Date(self.now) },
    onError: (error) => self.errors.push(error),
  };
  return { self, options };
}

describe('a key', () => {
  it('is 256 bits of chance behind a public id; only its hash is stored', () => {
    expect(shop.text).toMatch(/^mk_[0-9a-f]{12}_[\w-]{43}$/);
    expect(keyIdOf(shop.text)).toBe(shop.stored.keyId);
    expect(JSON.stringify(shop.stored)).not.toContain(shop.text.slice(16));
    expect(makeKey({ label: '', scopes: ['ingest'] }, NOW).text).not.toBe(late.text);
    // sha256('mk_000000000000_' + 'A' × 43) by `sha256sum`
    const zero = makeKey({ label: '', scopes: ['ingest'] }, NOW, (n) => Buffer.alloc(n));
    expect(zero.text).toBe(`mk_000000000000_${'A'.repeat(43)}`);
    expect(zero.stored.sha256).toBe('5457048d7c3241407a5b96166d34dcf48163943db2cd3832a70aaf84454c6324');
    expect(late.stored.scopes).toEqual(['ingest']);
  });

  it('is itself and nothing else', () => {
    expect(isKey(shop.text, shop.stored)).toBe(true);
    expect(isKey(shop.text, late.stored)).toBe(false);
    expect(isKey(shop.text, undefined)).toBe(false);
    for (let i = 16; i < shop.text.length; i++) {
      const wrong = `${shop.text.slice(0, i)}${shop.text[i] === 'x' ? 'y' : 'x'}${shop.text.slice(i + 1)}`;
      expect(isKey(wrong, shop.stored), wrong).toBe(false);
    }
    for (const text of ['', 'mk_', shop.text.slice(1), `${shop.text}x`, ` ${shop.text}`])
      expect(keyIdOf(text)).toBeNull();
  });

  it('ends when it expires or is revoked, whichever is first', () => {
    expect(endOf(shop.stored)).toBe(Number.POSITIVE_INFINITY);
    expect(endOf({ ...shop.stored, expiresAt: '2026-07-01T00:00:00.000Z' })).toBe(Date.UTC(2026, 6, 1));
    const revokedAt = '2026-06-30T00:00:00.000Z';
    expect(endOf({ ...shop.stored, expiresAt: '2026-07-01T00:00:00.000Z', revokedAt })).toBe(0);
  });
});

describe('the keyring', () => {
  it('knows the database’s keys, from memory, and mirrors them', async () => {
    const { self, options } = fixture();
    const ring = await openKeyring(options);
    for (let i = 0; i < 3; i++) {
      expect(ring.find(shop.text)).toMatchObject({ kind: 'key', keyId: shop.stored.keyId });
    }
    expect(self.reads).toBe(1);
    expect(self.inMirror).toEqual([shop.stored]);
    expect(ring.find(late.text)).toBe('unknown');
    expect(ring.find(`${shop.text.slice(0, -1)}${shop.text.endsWith('A') ? 'B' : 'A'}`)).toBeNull();
    expect(ring.find('nonsense')).toBeNull();
    await ring.close();
  });

  it('starts without the database on its mirror; without both it knows nobody, and says so', async () => {
    const { self, options } = fixture({ inMirror: [shop.stored] });
    self.all = down;
    const ring = await openKeyring(options);
    expect(ring.find(shop.text)).toMatchObject({ kind: 'key' });
    expect(self.errors).toEqual([]);
    const bare = fixture({ inMirror: null });
    bare.self.all = down;
    const empty = await openKeyring(bare.options);
    expect(empty.find(shop.text)).toBe('unknown');
    expect(bare.self.errors).toHaveLength(1);
  });

  it('keeps what it knows when the database and the mirror go away', async () => {
    const { self, options } = fixture();
    const ring = await openKeyring(options);
    self.all = down;
    self.inMirror = null;
    await ring.refresh();
    expect(ring.find(shop.text)).toMatchObject({ kind: 'key' });
  });

  it('a revoked key opens nothing after the next look, also when it was remembered', async () => {
    const { self, options } = fixture();
    const ring = await openKeyring(options);
    expect(ring.find(shop.text)).toMatchObject({ kind: 'key' });
    self.inDatabase = [{ ...shop.stored, revokedAt: NOW.toISOString() }];
    await ring.refresh();
    expect(ring.find(shop.text)).toBeNull();
    expect(await ring.findLate(shop.text)).toBeNull();
  });

  it('an expired one opens nothing from that instant on, without a look', async () => {
    const expiresAt = new Date(NOW.getTime() + 1000).toISOString();
    const { self, options } = fixture({ inDatabase: [{ ...shop.stored, expiresAt }] });
    const ring = await openKeyring(options);
    self.now += 999;
    expect(ring.find(shop.text)).toMatchObject({ kind: 'key' });
    self.now += 1;
    expect(ring.find(shop.text)).toBeNull();
  });

  it('looks again for a key made a moment ago, once a second at most', async () => {
    const { self, options } = fixture();
    const ring = await openKeyring(options);
    self.inDatabase = [shop.stored, late.stored];
    expect(await ring.findLate(late.text)).toBeNull(); // looked just now
    self.now += 1000;
    const other = makeKey({ label: '', scopes: ['ingest'] }, NOW).text;
    const [first] = await Promise.all([ring.findLate(late.text), ...Array(50).fill(ring.findLate(other))]);
    expect(first).toMatchObject({ scopes: new Set(['ingest']) });
    expect(self.reads).toBe(2);
  });

  it('a database that hangs holds nobody up', async () => {
    const { self, options } = fixture({ inMirror: [shop.stored] });
    self.all = () => new Promise(() => {});
    const started = performance.now();
    const ring = await openKeyring(options);
    expect(performance.now() - started).toBeLessThan(5000);
    expect(ring.find(shop.text)).toMatchObject({ kind: 'key' });
  });
});
