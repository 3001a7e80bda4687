import { createHash } from 'node:crypto';
import { chmod, chown, mkdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { EmbeddedError } from './errors.js';
import type { Home } from './home.js';
import type { Command } from './launch.js';
import { type PostgresBinaries, copyBinaries, programIn } from './postgres-binaries.js';
import { runCommand } from './run-command.js';
import { readState, writeState } from './state-file.js';

/** Postgres refuses to run as root. How it runs instead, and where its data then are. */
export interface PostgresAccount {
  kind: 'ourselves' | 'user namespace' | 'system user';
  binaries: PostgresBinaries;
  /** Folder that holds `data`; owned by whom Postgres runs as. */
  folder: string;
  /** The command that runs a program under this account. */
  command(file: string, args: string[]): Command;
  /** Hands a file that we made over to the account. */
  give(path: string): Promise<void>;
}

interface Account {
  uid: number;
  gid: number;
}

/** The kernel's overflow user: exists nowhere as a login, needs no entry in /etc/passwd. */
const UNPRIVILEGED_ID = '65534';
export const SYSTEM_ROOT = '/var/lib/matinee';
const SYSTEM_USERS = ['postgres', 'nobody'];
const PROBE_TIMEOUT_MS = 10_000;

const placeSchema = z.object({ folder: z.string() });

export interface AccountOptions {
  home: Home;
  binaries: PostgresBinaries;
  /** Parent folder of data and programs of a system user; tests give their own. */
  systemRoot?: string | undefined;
  /** Ways to try as root, in order; all by default. */
  ways?: readonly ('user namespace' | 'system user')[] | undefined;
}

/**
 * As an ordinary user: directly. As root: inside a user namespace that maps root to an unprivileged id (nothing is
 * owned by anyone else, so a private folder works); where that is forbidden, as an existing unprivileged user with data and
 * programs in a system folder. A home keeps the way it was made with. No user is ever created.
 * Throws EmbeddedError naming DATABASE_URL when none works.
 */
export async function postgresAccount(options: AccountOptions): Promise<PostgresAccount> {
  if (process.getuid?.() !== 0) return ourselves(options);
  const kept = await keptAccount(options);
  if (kept !== null) return kept;
  const tried: string[] = [];
  for (const way of options.ways ?? (['user namespace', 'system user'] as const)) {
    const account = way === 'user namespace' ? await userNamespace(options) : await systemUser(options);
    if (typeof account !== 'string') return account;
    tried.push(`${way}: ${account}`);
  }
  throw new EmbeddedError(
    `The embedded Postgres cannot run here, because Postgres refuses to run as root (${tried.join('; ')}): ` +
      `set DATABASE_URL to a Postgres of your own, or run matinee as an ordinary user.`,
  );
}

/** The folder that holds `data`: a system user's lies outside the home. */
export async function postgresFolder(home: Home): Promise<string> {
  return (await readState(placeFile(home), placeSchema))?.folder ?? home.pg;
}

const nothingToGive = () => Promise.resolve();

function ourselves({ home, binaries }: AccountOptions): PostgresAccount {
  const command = (file: string, args: string[]): Command => ({ file, args });
  return { kind: 'ourselves', binaries, folder: home.pg, command, give: nothingToGive };
}

/** Data that exist belong to somebody: root's need the namespace, a user's need that user. */
async function keptAccount(options: AccountOptions): Promise<PostgresAccount | null> {
  const folder = await postgresFolder(options.home);
  const owner = await stat(join(folder, 'data')).catch(() => null);
  if (owner === null) return null;
  if (owner.uid !== 0) {
    // The checkout may be closed to that user, so its programs are those beside its data.
    const binaries =
      folder === options.home.pg ? options.binaries : await copyBinaries(options.binaries, dirname(folder));
    return asUser(binaries, folder, owner);
  }
  const account = await userNamespace(options);
  if (typeof account !== 'string') return account;
  throw new EmbeddedError(
    `${join(folder, 'data')} belongs to root, and Postgres cannot use it as root here (${account}): ` +
      `set DATABASE_URL, or use another home: MATINEE_HOME=<another folder>`,
  );
}

/** Linux only. `unshare` replaces itself by the program, so signals and pids are those of the program. */
export const inUserNamespace = (file: string, args: string[]): Command => ({
  file: 'unshare',
  args: ['--user', `--map-user=${UNPRIVILEGED_ID}`, `--map-group=${UNPRIVILEGED_ID}`, file, ...args],
});

async function userNamespace({ home, binaries }: AccountOptions): Promise<PostgresAccount | string> {
  const command = inUserNamespace;
  const account: PostgresAccount = {
    kind: 'user namespace',
    binaries,
    folder: home.pg,
    command,
    give: nothingToGive,
  };
  return (await problemOf(command('test', ['-w', home.pg]))) ?? (await problemOfPostgres(account)) ?? account;
}

async function systemUser(options: AccountOptions): Promise<PostgresAccount | string> {
  const { home, systemRoot = SYSTEM_ROOT } = options;
  const user = await firstUser();
  if (user === null) return `no user ${SYSTEM_USERS.join(' or ')}`;
  const name = createHash('sha256').update(home.root).digest('hex').slice(0, 12);
  const folder = join(systemRoot, name);
  await mkdir(folder, { recursive: true });
  await chmod(systemRoot, 0o755);
  await chown(folder, user.uid, user.gid);
  await chmod(folder, 0o700);
  const account = asUser(await copyBinaries(options.binaries, systemRoot), folder, user);
  const problem = await problemOfPostgres(account);
  if (problem !== null) return problem;
  await writeState(placeFile(home), { folder });
  return account;
}

function asUser(binaries: PostgresBinaries, folder: string, { uid, gid }: Account): PostgresAccount {
  return {
    kind: 'system user',
    binaries,
    folder,
    command: (file, args) => ({ file, args, uid, gid }),
    give: (path) => chown(path, uid, gid),
  };
}

async function firstUser(): Promise<Account | null> {
  for (const name of SYSTEM_USERS) {
    const [uid, gid] = await Promise.all([idOf(name, '-u'), idOf(name, '-g')]);
    if (uid !== null && gid !== null && uid !== 0) return { uid, gid };
  }
  return null;
}

async function idOf(user: string, which: '-u' | '-g'): Promise<number | null> {
  const { code, stdout } = await runCommand(
    { file: 'id', args: [which, user] },
    { timeoutMs: PROBE_TIMEOUT_MS },
  );
  return code === 0 ? Number(stdout) : null;
}

const problemOfPostgres = (account: PostgresAccount) =>
  problemOf(account.command(programIn(account.binaries, 'postgres'), ['--version']));

async function problemOf(command: Command): Promise<string | null> {
  const { code, problem } = await runCommand(command, { timeoutMs: PROBE_TIMEOUT_MS });
  return code === 0 ? null : problem;
}

const placeFile = (home: Home) => join(home.pg, 'place.json');
