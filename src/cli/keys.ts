import { type Command, InvalidArgumentError, Option } from 'commander';
import { migrate } from '../adapters/postgres/migrate.js';
import type { KeyStore } from '../adapters/postgres/api-keys.js';
import { createOperationalStore } from '../adapters/postgres/operational-store.js';
import { endOf, makeKey } from '../api/auth/api-key.js';
import { loadSettings, type Settings } from '../config.js';
import { type Scope, SCOPE_MEANINGS, SCOPES, type StoredKey } from '../contracts/access.js';
import { openHome } from '../embedded/home.js';
import { readRunningUp } from '../embedded/lock.js';
import { keyMirror } from '../embedded/secrets.js';
import { systemClock } from '../worker/compose.js';
import { withServices } from './context.js';
import { UsageError } from './errors.js';
import { isoDateOption } from './options.js';

interface CreateOptions {
  scope: Scope[];
  label?: string;
  expires?: string;
  json?: boolean;
}

export function registerKeys(program: Command): void {
  const keys = program.command('keys').description('API keys: make, list, revoke');
  keys
    .command('create')
    .description(`make a key and show it, once\n${scopeTable()}`)
    .addOption(
      new Option('--scope <scope>', 'what the key opens; give it once per scope')
        .choices(SCOPES)
        .argParser(collectScopes)
        .makeOptionMandatory(),
    )
    .option('--label <text>', 'whose key this is')
    .option('--expires <YYYY-MM-DD>', 'the day from which it opens nothing (UTC)', isoDateOption)
    .option('--json', 'print as JSON')
    .action(create);
  keys
    .command('list')
    .description('every key, without its secret')
    .option('--json', 'print as JSON')
    .action(async ({ json }: { json?: boolean }) => {
      const all = await withKeys(loadSettings(), (store) => store.all());
      print(json, all.map(withoutHash), () => describeKeys(all, systemClock.now()));
    });
  keys
    .command('revoke')
    .description('the key opens nothing from now on; running APIs notice within seconds')
    .argument('<id>', 'as `matinee keys list` shows it')
    .action(async (keyId: string) => {
      const done = await withKeys(loadSettings(), (store) => store.revoke(keyId, systemClock.now()));
      if (!done)
        throw new UsageError(`there is no key ${keyId} that is not revoked yet; see \`matinee keys list\``);
      process.stdout.write(`revoked ${keyId}\n`);
    });
}

async function create({ scope, label = '', expires, json }: CreateOptions): Promise<void> {
  const now = systemClock.now();
  const expiresAt = expires === undefined ? null : new Date(`${expires}T00:00:00Z`);
  if (expiresAt !== null && expiresAt <= now) throw new UsageError(`--expires ${expires} has passed already`);
  const { text, stored } = makeKey({ label, scopes: scope, expiresAt }, now);
  await withKeys(loadSettings(), async (store) => {
    if (!(await store.add(stored))) throw new Error('this key id is taken');
  });
  print(json, { key: text, ...withoutHash(stored) }, () =>
    [
      text,
      '',
      `This is shown once; keep it now. Send it as: Authorization: Bearer ${text.slice(0, 16)}…`,
      `id ${stored.keyId}   scopes ${stored.scopes.join(', ')}   expires ${expires ?? 'never'}`,
      '',
    ].join('\n'),
  );
}

function withoutHash({ keyId, label, scopes, createdAt, expiresAt, revokedAt }: StoredKey) {
  return { keyId, label, scopes, createdAt, expiresAt, revokedAt };
}

/** Works on the keys of this home's database, and leaves their copy in the home as they are then. */
async function withKeys<T>(settings: Settings, work: (keys: KeyStore) => Promise<T>): Promise<T> {
  const home = await openHome(settings.home);
  const mirrored = async (keys: KeyStore) => {
    const result = await work(keys);
    await keyMirror(home).write(await keys.all());
    return result;
  };
  const url = settings.databaseUrl ?? (await readRunningUp(home))?.databaseUrl;
  if (url === undefined) return withServices(settings, {}, ({ store }) => mirrored(store.keys));
  await migrate(url);
  const store = createOperationalStore(url, { connections: 1 });
  try {
    return await mirrored(store.keys);
  } finally {
    await store.close();
  }
}

export function describeKeys(keys: readonly StoredKey[], now: Date): string {
  if (keys.length === 0) return 'There are no keys. Make one: matinee keys create --scope storefront\n';
  const rows = keys.map((key) => {
    const state =
      key.revokedAt !== null
        ? `revoked ${key.revokedAt.slice(0, 10)}`
        : key.expiresAt === null
          ? 'good'
          : `${endOf(key) > now.getTime() ? 'good until' : 'expired'} ${key.expiresAt.slice(0, 10)}`;
    return [key.keyId, key.createdAt.slice(0, 10), key.scopes.join(','), state, key.label];
  });
  const table = [['id', 'made', 'scopes', 'state', 'label'], ...rows];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  return `${table
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')}\n`;
}

function print(json: boolean | undefined, value: unknown, describe: () => string): void {
  process.stdout.write(json === true ? `${JSON.stringify(value, null, 2)}\n` : describe());
}

function collectScopes(value: string, before: Scope[] = []): Scope[] {
  const scope = SCOPES.find((one) => one === value);
  if (scope === undefined) throw new InvalidArgumentError(`choose from ${SCOPES.join(', ')}`);
  return [...before, scope];
}

function scopeTable(): string {
  return SCOPES.map((scope) => `  ${scope.padEnd(12)} ${SCOPE_MEANINGS[scope]}`).join('\n');
}
