import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parse } from 'yaml';
import { type Config, configSchema } from './contracts/config.js';
import { isCatalogueSource } from './contracts/sources.js';

/** Everything the environment decides; the only reader of process.env. */
export interface Settings {
  /** MATINEE_HOME, default `.matinee` in the working folder: embedded servers' data, logs, secrets, warehouse. */
  home: string;
  /** Absolute path of the warehouse root (WAREHOUSE_URL, default `<home>/warehouse`). */
  warehouse: string;
  /** DATABASE_URL: a Postgres of the user's own instead of the embedded one. */
  databaseUrl: string | undefined;
  /** TEMPORAL_ADDRESS: a Temporal server of the user's own. */
  temporalAddress: string | undefined;
  /** TEMPORAL_CLI: path of the `temporal` binary to embed. */
  temporalCli: string | undefined;
  /** Where downloaded binaries are kept between homes. */
  cache: string;
  /** Root of the installed project: warehouse/, migrations/, demo/ are beside dist/. */
  projectRoot: string;
  config: Config;
  /** Absolute path of the file that `config` was read from; absent: there is none, all defaults. */
  configFile?: string;
  /** Keys of catalogue sources (their `keyEnv`), by source name; never printed. */
  sourceKeys: Record<string, string>;
}

/** A setting that cannot be used; the message names the field and the fix. */
export class SettingsError extends Error {}

export function loadSettings(env: NodeJS.ProcessEnv = process.env, cwd: string = process.cwd()): Settings {
  const home = resolve(cwd, env['MATINEE_HOME'] ?? '.matinee');
  const configFile = findConfig(env['MATINEE_CONFIG'], [cwd, home]);
  const config = readConfig(configFile);
  const cacheRoot = env['XDG_CACHE_HOME'] ?? resolve(env['HOME'] ?? home, '.cache');
  return {
    home,
    warehouse: warehousePath(env['WAREHOUSE_URL'], resolve(home, 'warehouse')),
    databaseUrl: postgresUrl(env['DATABASE_URL']),
    temporalAddress: hostAndPort(env['TEMPORAL_ADDRESS']),
    temporalCli: env['TEMPORAL_CLI'] || undefined,
    cache: resolve(cacheRoot, 'matinee'),
    projectRoot: fileURLToPath(new URL('..', import.meta.url)),
    config,
    ...(configFile === undefined ? {} : { configFile }),
    sourceKeys: sourceKeys(config, env),
  };
}

/** The environment a child process needs to see the same settings, whatever its working folder is. */
export function settingsEnv(settings: Settings, env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const { configFile } = settings;
  return {
    ...env,
    MATINEE_HOME: settings.home,
    WAREHOUSE_URL: pathToFileURL(settings.warehouse).href,
    ...(configFile === undefined ? {} : { MATINEE_CONFIG: configFile }),
  };
}

function sourceKeys({ sources }: Config, env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    sources.filter(isCatalogueSource).flatMap(({ name, keyEnv }) => {
      const key = keyEnv === undefined ? undefined : env[keyEnv]?.trim();
      return key ? [[name, key]] : [];
    }),
  );
}

/** Nothing of it is repeated in the message: it may hold a password. */
function postgresUrl(url: string | undefined): string | undefined {
  if (url === undefined || url === '') return undefined;
  if (URL.canParse(url) && /^postgres(ql)?:/.test(url)) return url;
  throw new SettingsError(
    'DATABASE_URL is no Postgres URL: expected postgres://user:password@host:port/database',
  );
}

function hostAndPort(address: string | undefined): string | undefined {
  if (address === undefined || address === '') return undefined;
  if (/^(\[[\da-f:]+\]|[^\s:/]+):\d{1,5}$/i.test(address)) return address;
  throw new SettingsError(`TEMPORAL_ADDRESS is ${address}: expected host:port, such as 127.0.0.1:7233`);
}

function warehousePath(url: string | undefined, fallback: string): string {
  if (url === undefined || url === '') return fallback;
  if (!url.startsWith('file://')) {
    throw new SettingsError(
      `WAREHOUSE_URL is ${url}: only file:///absolute/path is supported; s3:// is not built yet`,
    );
  }
  return fileURLToPath(url);
}

export const CONFIG_NAME = 'matinee.config.yaml';

/** MATINEE_CONFIG, else `matinee.config.yaml` in the working folder, else in the home, else none. */
function findConfig(path: string | undefined, [cwd, home]: [string, string]): string | undefined {
  if (path === undefined) return [cwd, home].map((folder) => join(folder, CONFIG_NAME)).find(existsSync);
  const file = resolve(cwd, path);
  if (existsSync(file)) return file;
  throw new SettingsError(`MATINEE_CONFIG names ${file}, which does not exist`);
}

/** Without a file all defaults. */
export function readConfig(file: string | undefined): Config {
  if (file === undefined) return configSchema.parse({});
  const parsed = configSchema.safeParse(readYaml(file) ?? {});
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((i) => `${i.path.join('.') || '(top level)'}: ${i.message}`);
  throw new SettingsError(`${file} is not valid: ${problems.join('; ')}`);
}

function readYaml(file: string): unknown {
  try {
    return parse(readFileSync(file, 'utf8'));
  } catch (error) {
    const [sentence] = error instanceof Error ? error.message.split(':\n') : [];
    throw new SettingsError(`${file} is no YAML: ${sentence ?? String(error)}`, { cause: error });
  }
}
