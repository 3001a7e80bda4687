import { randomUUID } from 'node:crypto';
import { mkdir, readFile, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ArtifactStore, Clock, Produced } from '../../activities/deps.js';
import { writeDurably } from '../../activities/durable-files.js';
import { type Manifest, manifestSchema, refOf } from '../../contracts/artifacts.js';
import { filesSha256 } from '../../core/identity/hash.js';

const MANIFEST = '_manifest.json';

/**
 * Artefacts on a local or shared filesystem.
 * 1. A folder with a manifest is complete and never changes.
 * 2. The manifest is written last, into a temporary folder that is then renamed: a crash leaves only `.tmp-…` folders,
 *    which the retention sweep removes; never this store, for a zombie attempt may still be writing there.
 * 3. Of several writers of one uri one wins; the others return the winner's manifest.
 */
export function createArtifactStore(
  root: string,
  identity: Pick<Manifest, 'codeSha256' | 'configSha256' | 'toolchain' | 'seed'>,
  clock: Clock,
): ArtifactStore {
  const path = (uri: string) => join(root, uri);

  const read = async (uri: string): Promise<Manifest | null> => {
    try {
      return manifestSchema.parse(JSON.parse(await readFile(join(path(uri), MANIFEST), 'utf8')));
    } catch (error) {
      if (isMissing(error)) return null;
      throw error;
    }
  };

  return {
    root,
    path,
    read,
    async write(uri, meta, produce) {
      const committed = await read(uri);
      if (committed !== null) return refOf(uri, committed);
      const started = clock.now().getTime();
      const folder = `${path(uri)}.tmp-${randomUUID()}`;
      await mkdir(folder, { recursive: true });
      try {
        const produced = await produce(folder);
        const manifest: Manifest = {
          schema: meta.schema,
          ...totals(produced),
          files: produced.files,
          inputs: meta.inputs.map(({ uri: from, sha256 }) => ({ uri: from, sha256 })),
          ...identity,
          facts: produced.facts ?? {},
          wallMs: clock.now().getTime() - started,
          createdAt: clock.now().toISOString(),
        };
        await writeDurably(join(folder, MANIFEST), JSON.stringify(manifest, null, 2));
        await rename(folder, path(uri));
        return refOf(uri, manifest);
      } catch (error) {
        await rm(folder, { recursive: true, force: true });
        const winner = isTaken(error) ? await read(uri) : null;
        if (winner === null) throw error;
        return refOf(uri, winner);
      }
    },
    async files(ref) {
      const manifest = await read(ref.uri);
      if (manifest === null) throw new Error(`artefact ${ref.uri} is not in the warehouse ${root}`);
      return manifest.files.map((file) => join(path(ref.uri), file.path));
    },
    async list(prefix) {
      const found: string[] = [];
      const walk = async (uri: string): Promise<void> => {
        const entries = await readdir(path(uri), { withFileTypes: true }).catch(ignoreMissing);
        if (entries.some((entry) => entry.name === MANIFEST)) {
          found.push(uri);
          return;
        }
        for (const entry of entries) {
          if (entry.isDirectory() && !entry.name.includes('.tmp-')) await walk(join(uri, entry.name));
        }
      };
      await walk(prefix);
      return found.sort();
    },
    async remove(uri) {
      await rm(path(uri), { recursive: true, force: true });
    },
  };
}

/** For who only reads: nothing is written, so that it needs no hash of code or config. */
export const readOnlyArtifacts = (root: string): ArtifactStore =>
  createArtifactStore(root, { codeSha256: '', configSha256: '' }, { now: () => new Date() });

function totals({ files }: Produced): { sha256: string; rows: number; bytes: number } {
  return {
    sha256: filesSha256(files),
    rows: files.reduce((sum, file) => sum + file.rows, 0),
    bytes: files.reduce((sum, file) => sum + file.bytes, 0),
  };
}

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException | null)?.code;
const isMissing = (error: unknown) => codeOf(error) === 'ENOENT';
const isTaken = (error: unknown) => codeOf(error) === 'ENOTEMPTY' || codeOf(error) === 'EEXIST';
function ignoreMissing(error: unknown): [] {
  if (isMissing(error)) return [];
  throw error;
}
