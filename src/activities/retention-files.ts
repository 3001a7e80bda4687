import { randomUUID } from 'node:crypto';
import { type Stats } from 'node:fs';
import { readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Files that may go away under the sweep's hands: a missing one is no error. */
async function orMissing<T>(work: Promise<T>, missing: T): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') return missing;
    throw error;
  }
}

export const entriesOf = (folder: string): Promise<string[]> => orMissing(readdir(folder), []);

/** Names of the folders in a folder; files that lie about there (.DS_Store) are nobody's. */
export async function foldersOf(folder: string): Promise<string[]> {
  const entries = await orMissing(readdir(folder, { withFileTypes: true }), []);
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

export const exists = async (path: string): Promise<boolean> =>
  (await orMissing<Stats | null>(stat(path), null)) !== null;

/** Newest change of a folder or of what lies directly in it, in ms. */
export async function lastChange(folder: string): Promise<number> {
  const paths = [folder, ...(await entriesOf(folder)).map((name) => join(folder, name))];
  const stats = await Promise.all(paths.map((path) => orMissing<Stats | null>(stat(path), null)));
  return Math.max(...stats.map((found) => found?.mtimeMs ?? 0));
}

/** Bytes of all files below a path. */
export async function bytesUnder(path: string): Promise<number> {
  const found = await orMissing<Stats | null>(stat(path), null);
  if (found === null) return 0;
  if (!found.isDirectory()) return found.size;
  let total = 0;
  for (const name of await entriesOf(path)) total += await bytesUnder(join(path, name));
  return total;
}

/** Renamed first: to readers the folder is whole or not there. What a killed removal leaves is a leftover. */
export async function removeWhole(path: string): Promise<void> {
  const doomed = path.includes('.tmp-') ? path : `${path}.tmp-${randomUUID()}`;
  if (doomed !== path) await rename(path, doomed);
  await rm(doomed, { recursive: true, force: true });
}

/** `.tmp-` files and folders of killed writers, not changed since `before` (ms); paths relative to the root. */
export async function leftoversUnder(root: string, before: number, below = ''): Promise<string[]> {
  const entries = await orMissing(readdir(join(root, below), { withFileTypes: true }), []);
  const found: string[] = [];
  for (const entry of entries) {
    const uri = join(below, entry.name);
    if (entry.name.includes('.tmp-')) {
      if ((await lastChange(join(root, uri))) < before) found.push(uri);
    } else if (entry.isDirectory()) {
      found.push(...(await leftoversUnder(root, before, uri)));
    }
  }
  return found;
}
