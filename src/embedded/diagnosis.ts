import { constants } from 'node:fs';
import { access, lstat, readdir, statfs } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { isTemporalHealthy } from '../adapters/temporal/connection.js';
import type { Settings } from '../config.js';
import { isCatalogueSource } from '../contracts/sources.js';
import { codeOf, messageOf } from './errors.js';
import { homePaths, homeProblem } from './home.js';
import { lockHolder, readRunningUp } from './lock.js';
import { isPortFree } from './ports.js';
import { SYSTEM_ROOT, inUserNamespace, postgresFolder } from './postgres-account.js';
import { postgresBinaries, programIn } from './postgres-binaries.js';
import { runCommand } from './run-command.js';
import type { Report } from './supervise.js';
import { resolveTemporalCli } from './temporal-cli.js';

/** One thing that was looked at. `missing`: Matinee does not start without it, and `fix` says how to get it. */
export interface Finding {
  name: string;
  status: 'ok' | 'warning' | 'missing';
  detail: string;
  fix?: string;
}

export interface Diagnosis {
  findings: Finding[];
  /** Bytes per folder of the home and the warehouse. */
  sizes: { folder: string; bytes: number }[];
}

const LOW_DISK_BYTES = 2 * 2 ** 30;
const PROBE_TIMEOUT_MS = 10_000;
const PORTS = [
  { port: 8080, what: 'API' },
  { port: 7233, what: 'Temporal' },
  { port: 8233, what: 'Temporal UI' },
];

/** Looks at everything `matinee up` needs and changes nothing, except that `fetch` downloads the Temporal program. */
export async function diagnose(
  settings: Settings,
  options: { fetch: boolean; report: Report },
): Promise<Diagnosis> {
  const [program, ...others] = await Promise.all([
    temporal(settings, options),
    postgres(settings),
    home(settings),
    disk(settings),
    up(settings),
  ]);
  const findings = [node(), program, network(settings, program), ...others, ...feedKeys(settings)];
  return {
    findings: [...findings, ...(await ports(settings)), await chromium()],
    sizes: await sizes(settings),
  };
}

const attempt = async (name: string, look: () => Promise<Finding>, fix: string): Promise<Finding> => {
  try {
    return await look();
  } catch (error) {
    return { name, status: 'missing', detail: messageOf(error), fix };
  }
};

/** bin/matinee.js refuses a Node that is too old; here it is only named. */
function node(): Finding {
  const detail = `${process.version} on ${process.platform}-${process.arch}`;
  if (!process.version.startsWith('v20.')) return { name: 'Node', status: 'ok', detail };
  return {
    name: 'Node',
    status: 'ok',
    detail: `${detail}; it works, though Node 20 gets no more fixes: 22 and 24 do`,
  };
}

/** What is left to be fetched; the doctor itself asks no server. */
function network({ config }: Settings, program: Finding): Finding {
  const name = 'Network';
  const feeds = config.sources.filter(isCatalogueSource).map(({ url }) => new URL(url).host);
  if (program.status === 'missing' && program.detail.startsWith('No Temporal server')) {
    const detail = 'needed once, to fetch the Temporal program (44 MB)';
    return { name, status: 'warning', detail, fix: 'with a network: npx matinee doctor --fetch' };
  }
  const detail =
    feeds.length === 0 ? 'not needed: all is here' : `needed for the feeds of ${feeds.join(', ')}`;
  return { name, status: 'ok', detail };
}

/** A feed whose key is not in the environment fails every night; here it is seen before. */
function feedKeys({ config, sourceKeys }: Settings): Finding[] {
  return config.sources.filter(isCatalogueSource).flatMap(({ name, keyEnv }): Finding[] => {
    if (keyEnv === undefined) return [];
    if (sourceKeys[name] !== undefined)
      return [{ name: 'Feed key', status: 'ok', detail: `${name}: ${keyEnv} is set` }];
    const detail = `${name}: ${keyEnv} is not set`;
    return [
      { name: 'Feed key', status: 'warning', detail, fix: `${keyEnv}=… in the environment of the worker` },
    ];
  });
}

/** For `npm test` alone: its browser tests are skipped without one. */
async function chromium(): Promise<Finding> {
  const name = 'Chromium';
  for (const file of ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']) {
    const { code, stdout } = await runCommand({ file, args: ['--version'] }, { timeoutMs: PROBE_TIMEOUT_MS });
    if (code === 0) return { name, status: 'ok', detail: `${stdout.trim()}, for the browser tests` };
  }
  if (canResolve('@sparticuz/chromium') && process.platform === 'linux' && process.arch === 'x64') {
    return { name, status: 'ok', detail: 'from the npm package @sparticuz/chromium, for the browser tests' };
  }
  const detail = 'none found; only the browser tests of `npm test` need one, and skip without it';
  return { name, status: 'ok', detail: `${detail} (Debian: apt install chromium; macOS: Google Chrome)` };
}

function canResolve(name: string): boolean {
  try {
    createRequire(import.meta.url).resolve(`${name}/package.json`);
    return true;
  } catch (error) {
    return codeOf(error) === 'ERR_PACKAGE_PATH_NOT_EXPORTED';
  }
}

function temporal(settings: Settings, options: { fetch: boolean; report: Report }): Promise<Finding> {
  const name = 'Temporal';
  const { temporalAddress, temporalCli, cache } = settings;
  const look = async (): Promise<Finding> => {
    if (temporalAddress === undefined || options.fetch) {
      const cli = await resolveTemporalCli({ temporalCli, cache, ...options });
      return { name, status: 'ok', detail: `${cli.version}: ${cli.path}, from ${cli.source}` };
    }
    if (await isTemporalHealthy(temporalAddress, { timeoutMs: 3000 })) {
      return { name, status: 'ok', detail: `TEMPORAL_ADDRESS ${temporalAddress} answers` };
    }
    const detail = `TEMPORAL_ADDRESS ${temporalAddress} does not answer for the namespace "default"`;
    return { name, status: 'missing', detail, fix: 'start that server, or unset TEMPORAL_ADDRESS' };
  };
  return attempt(name, look, 'npx matinee doctor --fetch');
}

function postgres(settings: Settings): Promise<Finding> {
  const name = 'Postgres';
  const look = async (): Promise<Finding> => {
    if (settings.databaseUrl !== undefined) return ownDatabase(settings.databaseUrl);
    const program = programIn(await postgresBinaries(settings.cache), 'postgres');
    const plain = await runCommand({ file: program, args: ['--version'] }, { timeoutMs: PROBE_TIMEOUT_MS });
    const fix = 'set DATABASE_URL to a Postgres of your own';
    if (plain.code !== 0) {
      return { name, status: 'missing', detail: `${program} does not run: ${plain.problem}`, fix };
    }
    const detail = `embedded, ${plain.stdout.trim()}`;
    if (process.getuid?.() !== 0) return { name, status: 'ok', detail };
    const mapped = await runCommand(inUserNamespace(program, ['--version']), { timeoutMs: PROBE_TIMEOUT_MS });
    if (mapped.code === 0)
      return { name, status: 'ok', detail: `${detail}, as root inside a user namespace` };
    const instead = `${detail}; no user namespace for root (${mapped.problem}), so its data go to ${SYSTEM_ROOT}`;
    return { name, status: 'warning', detail: instead, fix: `run as an ordinary user, or ${fix}` };
  };
  return attempt(name, look, 'npm ci, or set DATABASE_URL to a Postgres of your own');
}

async function ownDatabase(url: string): Promise<Finding> {
  const { Client } = (await import('pg')).default;
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return { name: 'Postgres', status: 'ok', detail: 'DATABASE_URL answers' };
  } catch (error) {
    const detail = `DATABASE_URL does not answer: ${messageOf(error)}`;
    return { name: 'Postgres', status: 'missing', detail, fix: 'start that server, or unset DATABASE_URL' };
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function home(settings: Settings): Promise<Finding> {
  const name = 'Home';
  const folder = await firstExisting(settings.home);
  const fix = 'MATINEE_HOME=<a folder of yours>';
  try {
    await access(folder, constants.W_OK | constants.X_OK);
  } catch (error) {
    return { name, status: 'missing', detail: `${folder} cannot be written (${codeOf(error)})`, fix };
  }
  const problem = await homeProblem(settings.home);
  if (problem !== null) return { name, status: 'missing', detail: problem, fix };
  const state = folder === settings.home ? 'writable' : 'not made yet, can be made';
  return { name, status: 'ok', detail: `${settings.home}: ${state}` };
}

async function disk(settings: Settings): Promise<Finding> {
  const { bavail, bsize } = await statfs(await firstExisting(settings.warehouse));
  const free = bavail * bsize;
  const detail = `${(free / 2 ** 30).toFixed(1)} GiB free for the warehouse ${settings.warehouse}`;
  if (free >= LOW_DISK_BYTES) return { name: 'Disk', status: 'ok', detail };
  return {
    name: 'Disk',
    status: 'warning',
    detail,
    fix: 'free some space, or lower `retention` in the config',
  };
}

async function up(settings: Settings): Promise<Finding> {
  const paths = homePaths(settings.home);
  const [running, holder] = [await readRunningUp(paths), await lockHolder(paths)];
  const name = 'Running';
  if (running !== null) {
    const detail = `matinee up, pid ${running.process.pid}: API ${running.api ?? 'none'}, Temporal ${running.temporalAddress}, UI ${running.temporalUi ?? 'none'}`;
    return { name, status: 'ok', detail };
  }
  if (holder !== null) {
    return { name, status: 'ok', detail: `matinee ${holder.command}, pid ${holder.process.pid}` };
  }
  return { name, status: 'ok', detail: 'no `matinee up` in this home' };
}

/** A taken port is no obstacle: another is chosen for the servers; the API says which one it wanted. */
async function ports(settings: Settings): Promise<Finding[]> {
  const running = await readRunningUp(homePaths(settings.home));
  if (running !== null) return [];
  return Promise.all(
    PORTS.map(async ({ port, what }): Promise<Finding> => {
      const name = `Port ${port}`;
      if (await isPortFree(port)) return { name, status: 'ok', detail: `free, for ${what}` };
      if (what !== 'API') return { name, status: 'ok', detail: `taken; ${what} will use another` };
      const detail = 'taken by another program; the API and the shop would use it';
      return { name, status: 'warning', detail, fix: 'npm start -- --port <another>' };
    }),
  );
}

async function sizes(settings: Settings): Promise<{ folder: string; bytes: number }[]> {
  const folders = [
    await postgresFolder(homePaths(settings.home)),
    ...['temporal', 'logs', 'cache'].map((folder) => join(settings.home, folder)),
    ...['raw', 'quarantine', 'catalogue', 'events', 'runs', 'releases'].map((folder) =>
      join(settings.warehouse, folder),
    ),
  ];
  return Promise.all(folders.map(async (folder) => ({ folder, bytes: await bytesIn(folder) })));
}

/** Sum of file sizes below a folder; 0 when it is absent. What disappears meanwhile counts nothing. */
async function bytesIn(folder: string): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const parts = await Promise.all(
    entries.map(async (entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return bytesIn(path);
      return lstat(path).then(
        ({ size }) => size,
        () => 0,
      );
    }),
  );
  return parts.reduce((sum, bytes) => sum + bytes, 0);
}

async function firstExisting(path: string): Promise<string> {
  const found = await access(path).then(
    () => true,
    () => false,
  );
  return found || dirname(path) === path ? path : firstExisting(dirname(path));
}
