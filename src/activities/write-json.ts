import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Produced } from './deps.js';
import { sha256 } from '../core/identity/hash.js';

/** Writes one file of an artefact and describes it. */
export async function writeArtifactFile(
  folder: string,
  path: string,
  content: string | Uint8Array,
  rows: number,
): Promise<Produced['files'][number]> {
  await writeFile(join(folder, path), content);
  return { path, rows, bytes: Buffer.byteLength(content), sha256: sha256(content) };
}

/** The same for a value as JSON that people may read. */
export const writeJsonFile = (folder: string, path: string, value: unknown, rows = 1) =>
  writeArtifactFile(folder, path, JSON.stringify(value, null, 2), rows);
