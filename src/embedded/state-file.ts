import { randomUUID } from 'node:crypto';
import { link, open, readFile, rename, rm } from 'node:fs/promises';
import type { z } from 'zod';
import { codeOf } from './errors.js';

/** What a small JSON file says; null when it is absent or not (any longer) of this shape. */
export async function readState<S extends z.ZodType>(file: string, schema: S): Promise<z.output<S> | null> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

/** Replaces the file in one step: readers see the old text or the new one. */
export async function writeState(file: string, state: unknown): Promise<void> {
  const draft = await writeDraft(file, JSON.stringify(state, null, 2));
  await rename(draft, file);
}

/** Creates the file with all its content in one step; false when it exists already (another process was first). */
export async function createOnce(file: string, content: string | Uint8Array): Promise<boolean> {
  const draft = await writeDraft(file, content);
  try {
    await link(draft, file);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

/** Readable by the owner alone (these files hold addresses and secrets), and on the disk before anything points at it. */
async function writeDraft(file: string, content: string | Uint8Array): Promise<string> {
  const draft = `${file}.${randomUUID()}.tmp`;
  const handle = await open(draft, 'wx', 0o600);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
  return draft;
}
