import { chmod, mkdir, readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { CONFIG_NAME } from '../config.js';
import type { PidKey } from '../activities/deps.js';
import { EmbeddedError, codeOf, messageOf } from './errors.js';
import { createOnce, readState, writeState } from './state-file.js';

/** The layout that this version reads and writes. A change that an older Matinee cannot read raises it and adds an upgrade. */
const HOME_FORMAT = 1;
/** Brings a home from format `from` to `from + 1`. */
export interface HomeUpgrade {
  from: number;
  run(root: string): Promise<void>;
}
const UPGRADES: readonly HomeUpgrade[] = [];

const FOLDERS = ['pg', 'temporal', 'logs', 'secrets', 'warehouse'] as const;
const MARKER = 'home.json';
/** What may lie in a home before its marker does: our own folders (a mounted volume, an interrupted start), its config, a disk's own folder. */
const MAY_PRECEDE = new Set<string>([...FOLDERS, CONFIG_NAME, 'cache', 'lock', 'lost+found', 'up.json']);
const KEY_BYTES = 32;

const markerSchema = z.object({ format: z.number().int().positive() });

/** MATINEE_HOME: everything the embedded servers and the warehouse keep. Absolute paths; private to its owner (0700). */
export interface Home {
  root: string;
  pg: string;
  temporal: string;
  logs: string;
  secrets: string;
}

/**
 * Lays out a home or opens an existing one, upgrading an older format.
 * Throws EmbeddedError, with the command to run, for a home made by a newer version, one that cannot be upgraded, a
 * folder that is something else, or one that cannot be written.
 */
export async function openHome(
  root: string,
  known: { format: number; upgrades: readonly HomeUpgrade[] } = { format: HOME_FORMAT, upgrades: UPGRADES },
): Promise<Home> {
  try {
    await mkdir(root, { recursive: true, mode: 0o700 });
    await settleFormat(root, known);
    await chmod(root, 0o700);
    for (const folder of FOLDERS) await mkdir(join(root, folder), { recursive: true, mode: 0o700 });
  } catch (error) {
    if (codeOf(error) === 'EEXIST' || codeOf(error) === 'ENOTDIR') {
      throw new EmbeddedError(
        `The home ${root} cannot be a folder: something of its path is a file. ${chooseAnother()}.`,
      );
    }
    if (codeOf(error) !== 'EACCES' && codeOf(error) !== 'EPERM' && codeOf(error) !== 'EROFS') throw error;
    throw new EmbeddedError(
      `The home ${root} cannot be written (${codeOf(error)}). ${chooseAnother()}, or make it writable for you.`,
    );
  }
  return homePaths(root);
}

export function homePaths(root: string): Home {
  const [pg, temporal, logs, secrets] = [
    join(root, 'pg'),
    join(root, 'temporal'),
    join(root, 'logs'),
    join(root, 'secrets'),
  ];
  return { root, pg, temporal, logs, secrets };
}

/** Why `openHome` would refuse this folder, without touching it; null when it would not. An absent one is none. */
export async function homeProblem(root: string): Promise<string | null> {
  try {
    const found = await readState(join(root, MARKER), markerSchema);
    if (found === null) await refuseForeign(root);
    else refuseFormat(root, found.format, { format: HOME_FORMAT, upgrades: UPGRADES });
    return null;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    return messageOf(error);
  }
}

async function settleFormat(
  root: string,
  known: { format: number; upgrades: readonly HomeUpgrade[] },
): Promise<void> {
  const file = join(root, MARKER);
  const found = await readState(file, markerSchema);
  if (found === null) {
    await refuseForeign(root);
    await createOnce(file, JSON.stringify({ format: known.format }, null, 2));
    // A marker that cannot be read (a disk that was full, a crash) among our own folders is written anew.
    if ((await readState(file, markerSchema)) === null) await writeState(file, { format: known.format });
    return;
  }
  refuseFormat(root, found.format, known);
  for (let format = found.format; format < known.format; format++) {
    await known.upgrades.find((step) => step.from === format)?.run(root);
    await writeState(file, { format: format + 1 });
  }
}

/** Refuses a home of a newer version, and one from which no upgrade leads here. */
function refuseFormat(
  root: string,
  found: number,
  known: { format: number; upgrades: readonly HomeUpgrade[] },
): void {
  if (found > known.format) {
    throw new EmbeddedError(
      `The home ${root} has format ${found}; this Matinee knows formats up to ${known.format}, so a newer one made it. ` +
        `Update Matinee (git pull && npm ci && npm start), or start a new home: MATINEE_HOME=<another folder> npm start`,
    );
  }
  for (let format = found; format < known.format; format++) {
    if (known.upgrades.some((step) => step.from === format)) continue;
    throw new EmbeddedError(
      `The home ${root} has format ${format}, too old for this Matinee (format ${known.format}). ` +
        `Start a new home and import again: MATINEE_HOME=<another folder> npm start`,
    );
  }
}

async function refuseForeign(root: string): Promise<void> {
  const entries = await readdir(root);
  if (entries.some((entry) => entry.startsWith(`${MARKER}.`))) return; // another process is creating it
  const foreign = entries.filter((entry) => !MAY_PRECEDE.has(entry) && entry !== MARKER);
  if (foreign.length === 0) return;
  throw new EmbeddedError(
    `MATINEE_HOME is ${root}, which holds other things (${foreign.slice(0, 3).join(', ')}…). ${chooseAnother()}.`,
  );
}

const chooseAnother = () => 'Choose an empty folder: MATINEE_HOME=<another folder>';

/** The pseudonym key: 32 random bytes made once; of two creators both get the first one's. */
export async function pidKey(home: Home, random: (bytes: number) => Buffer = randomBytes): Promise<PidKey> {
  const file = join(home.secrets, 'pid-v1.key');
  const key = await secret(file, () => random(KEY_BYTES));
  if (key.length !== KEY_BYTES) {
    throw new EmbeddedError(
      `${file} has ${key.length} bytes, expected ${KEY_BYTES}: restore it from a backup; with another key no viewer is known again.`,
    );
  }
  return { version: 1, key };
}

/** A secret file (0600) made on first use. */
export async function secret(file: string, make: () => string | Buffer): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
  await createOnce(file, make());
  return readFile(file);
}
