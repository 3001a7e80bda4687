import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { identifySelf, isAlive, processIdentitySchema } from '../../embedded/processes.js';
import { readState, writeState } from '../../embedded/state-file.js';
import { UsageError } from '../errors.js';

const FILE = 'running.json';

/** A search's folder for this process alone while `work` runs. What a killed process left in it goes first. */
export async function withFolder<T>(folder: string, work: () => Promise<T>): Promise<T> {
  await mkdir(folder, { recursive: true });
  const file = join(folder, FILE);
  const holder = await readState(file, processIdentitySchema);
  if (holder !== null && isAlive(holder)) {
    throw new UsageError(`process ${holder.pid} is in the middle of this very search; its fits: ${folder}`);
  }
  await writeState(file, identifySelf());
  for (const name of await readdir(folder)) {
    if (name.startsWith('.tmp-')) await rm(join(folder, name), { recursive: true, force: true });
  }
  try {
    return await work();
  } finally {
    await rm(file, { force: true });
  }
}
