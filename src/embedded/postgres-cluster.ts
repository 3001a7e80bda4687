import { randomBytes } from 'node:crypto';
import { readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EmbeddedError } from './errors.js';
import { type Home, secret } from './home.js';
import type { PostgresAccount } from './postgres-account.js';
import { programIn } from './postgres-binaries.js';
import { runCommand } from './run-command.js';
import type { Report } from './supervise.js';

export const DATABASE = 'matinee';
export const SUPERUSER = 'matinee';
const INITDB_TIMEOUT_MS = 120_000;
const DRAFT_PREFIX = 'data.new-';

/** A database cluster's data folder and the password of its superuser. */
export interface Cluster {
  data: string;
  password: string;
}

/**
 * Makes the cluster once. initdb works in `data.new-…`, which is renamed to `data` when it is complete: what an
 * interrupted initdb left is removed, and a `data` that is no cluster is set aside as `data.broken-…`.
 */
export async function ensureCluster(home: Home, account: PostgresAccount, report: Report): Promise<Cluster> {
  const data = join(account.folder, 'data');
  for (const entry of await readdir(account.folder)) {
    if (entry.startsWith(DRAFT_PREFIX))
      await rm(join(account.folder, entry), { recursive: true, force: true });
  }
  const passwordFile = join(home.secrets, 'postgres.password');
  const state = await stateOf(data);
  if (state === 'complete') {
    await refuseOtherVersion(data, account);
    return { data, password: await existingPassword(passwordFile, data) };
  }
  if (state === 'broken') {
    const aside = `${data}.broken-${Date.now()}`;
    await rename(data, aside);
    report(`${data} was no complete Postgres cluster; it is now ${aside}, and a new one is made`);
  }
  const password = (await secret(passwordFile, () => randomBytes(24).toString('hex'))).toString();
  await initialise(data, password, account);
  return { data, password };
}

async function stateOf(data: string): Promise<'absent' | 'broken' | 'complete'> {
  if (!(await isThere(data))) return 'absent';
  const parts = await Promise.all(
    ['PG_VERSION', 'postgresql.conf', join('global', 'pg_control')].map((part) => isThere(join(data, part))),
  );
  return parts.every(Boolean) ? 'complete' : 'broken';
}

async function initialise(data: string, password: string, account: PostgresAccount): Promise<void> {
  const draft = join(account.folder, `${DRAFT_PREFIX}${process.pid}`);
  const passwordFile = `${draft}.password`;
  try {
    await writeFile(passwordFile, password, { mode: 0o600 });
    await account.give(passwordFile);
    // Deterministic everywhere, and lower() still knows every letter: no operating system's locale.
    const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
    const access = ['--username', SUPERUSER, '--pwfile', passwordFile, '--auth=scram-sha-256'];
    const { code, problem } = await runCommand(
      account.command(programIn(account.binaries, 'initdb'), [
        '--pgdata',
        draft,
        '--no-instructions',
        ...access,
        ...locale,
      ]),
      { timeoutMs: INITDB_TIMEOUT_MS, cwd: account.folder },
    );
    if (code !== 0) throw new EmbeddedError(`Postgres could not make its data folder ${data}: ${problem}`);
    await rename(draft, data);
  } finally {
    await rm(passwordFile, { force: true });
    await rm(draft, { recursive: true, force: true });
  }
}

async function refuseOtherVersion(data: string, { binaries }: PostgresAccount): Promise<void> {
  const made = (await readFile(join(data, 'PG_VERSION'), 'utf8')).trim();
  const [major] = binaries.version.split('.');
  if (made === major) return;
  throw new EmbeddedError(
    `${data} was made by Postgres ${made}, and this Matinee brings ${major}. ` +
      `Dump it with pg_dump ${made} and give its restored copy as DATABASE_URL, or start a new home: MATINEE_HOME=<another folder>`,
  );
}

async function existingPassword(file: string, data: string): Promise<string> {
  const password = await readFile(file, 'utf8').catch(() => null);
  if (password !== null) return password;
  throw new EmbeddedError(`${file}, the password of ${data}, is gone: restore it from a backup.`);
}

const isThere = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  );
