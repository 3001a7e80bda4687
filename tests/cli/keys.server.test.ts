import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { createOperationalStore, type PostgresStore } from '../../src/adapters/postgres/operational-store.js';
import { openKeyring } from '../../src/api/auth/keyring.js';
import { demoKey } from '../../src/cli/demo-key.js';
import { describeKeys, registerKeys } from '../../src/cli/keys.js';
import { homePaths, openHome } from '../../src/embedded/home.js';
import { keyMirror, tokenKey } from '../../src/embedded/secrets.js';
import { startTestPostgres, type TestPostgres } from '../support/postgres.js';
import { run } from './program.js';

let postgres: TestPostgres;
let store: PostgresStore;
let home: string;
const keys = (...args: string[]) =>
  run(registerKeys, { home, databaseUrl: postgres.databaseUrl }, 'keys', ...args);
const madeSchema = z.object({ key: z.string(), keyId: z.string(), scopes: z.array(z.string()) });
const ring = () =>
  openKeyring({ source: store.keys, mirror: keyMirror(homePaths(home)), clock: { now: () => new Date() } });

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'matinee-keys-'));
  postgres = await startTestPostgres();
  store = createOperationalStore(postgres.databaseUrl);
});
afterAll(async () => {
  await store.close();
  await postgres.stop();
  await rm(home, { recursive: true, force: true });
});

it('a key is shown once, works, is listed without its secret, and is revoked', async () => {
  const { code, out } = await keys(
    'create',
    '--scope',
    'storefront',
    '--scope',
    'ingest',
    '--label',
    'shop',
    '--json',
  );
  expect(code).toBe(0);
  const made = madeSchema.parse(JSON.parse(out));
  expect(made.scopes).toEqual(['storefront', 'ingest']);
  expect((await ring()).find(made.key)).toMatchObject({ keyId: made.keyId, scopes: new Set(made.scopes) });

  for (const list of [await keys('list'), await keys('list', '--json')]) {
    expect(list.out).toContain(made.keyId);
    expect(list.out).not.toContain(made.key.slice(16));
    expect(list.out).not.toMatch(/[0-9a-f]{64}/);
  }
  const mirror = await readFile(join(home, 'secrets', 'api-keys.json'), 'utf8');
  expect(mirror).toContain(made.keyId);
  expect(mirror).not.toContain(made.key.slice(16));

  expect(await keys('revoke', made.keyId)).toMatchObject({ code: 0, out: `revoked ${made.keyId}\n` });
  expect((await ring()).find(made.key)).toBeNull();
  expect(await keyMirror(homePaths(home)).read()).toEqual(await store.keys.all());
  const again = await keys('revoke', made.keyId);
  expect([again.code, again.err]).toEqual([1, expect.stringContaining(`no key ${made.keyId}`)]);
  expect((await keys('list')).out).toMatch(new RegExp(`${made.keyId} .* revoked \\d{4}`));
});

it('what cannot be is refused with the fix', async () => {
  for (const [args, message] of [
    [['create'], /--scope/],
    [['create', '--scope', 'root'], /choose from storefront, ingest, operator$/m],
    [['create', '--scope', 'ingest', '--expires', '2020-01-01'], /2020-01-01 has passed already/],
    [['create', '--scope', 'ingest', '--expires', 'soon'], /YYYY-MM-DD/],
  ] as const) {
    const { code, err } = await keys(...args);
    expect(code, args.join(' ')).not.toBe(0);
    expect(err).toMatch(message);
  }
});

it('one that expires says when', async () => {
  const { out } = await keys('create', '--scope', 'operator', '--expires', '2999-01-31');
  expect(out).toContain('expires 2999-01-31');
  expect((await keys('list')).out).toContain('good until 2999-01-31');
  const [key] = (await store.keys.all()).filter(({ expiresAt }) => expiresAt !== null);
  expect(key?.expiresAt).toBe('2999-01-31T00:00:00.000Z');
  expect(describeKeys(key === undefined ? [] : [key], new Date('2999-01-31'))).toContain(
    'expired 2999-01-31',
  );
  expect(describeKeys([], new Date())).toContain('matinee keys create');
});

it('the demo key is made once, is private, works, and stays revoked', async () => {
  const opened = await openHome(home);
  const first = await demoKey(opened, store.keys);
  expect((await stat(first.file)).mode & 0o777).toBe(0o600);
  expect(first.isGood).toBe(true);
  expect(await demoKey(opened, store.keys)).toEqual(first);
  const found = (await ring()).find(first.text);
  expect(found).toMatchObject({ scopes: new Set(['storefront', 'ingest']) });
  await store.keys.revoke(first.text.slice(3, 15), new Date());
  expect(await demoKey(opened, store.keys)).toEqual({ ...first, isGood: false });
  await writeFile(first.file, 'nonsense');
  await expect(demoKey(opened, store.keys)).rejects.toThrow(/demo-key holds no API key: remove it/);
});

it('the key of viewer tokens is made once, is private, and is refused when it was cut', async () => {
  const opened = await openHome(home);
  const key = await tokenKey(opened);
  expect(key).toHaveLength(32);
  expect(await tokenKey(opened)).toEqual(key);
  const file = join(opened.secrets, 'viewer-tokens.key');
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  await writeFile(file, 'short');
  await expect(tokenKey(opened)).rejects.toThrow(/has 5 bytes, expected 32: remove it/);
});

it('a mirror that was cut short is none', async () => {
  const mirror = keyMirror(homePaths(home));
  await writeFile(join(home, 'secrets', 'api-keys.json'), '{"keys":[{');
  expect(await mirror.read()).toBeNull();
});
