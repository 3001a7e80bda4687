import { createHash, randomUUID } from 'node:crypto';
import { copyFile, mkdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Clock, ReleaseDraft } from '../../activities/deps.js';
import { codeOf, syncFile, syncFolder, writeDurably } from '../../activities/durable-files.js';
import { type ReleaseManifest, releaseManifestSchema } from '../../contracts/index.js';
import { sha256 } from '../../core/identity/hash.js';
import { sha256OfFile } from '../artifacts/hash.js';
import { openListReader } from './list-reader.js';
import { FILMS, LISTS, ListsFile } from './lists-file.js';
import { readReleasedBehaviour, readReleasedModel } from './model-reader.js';

export const MANIFEST = 'manifest.json';

/**
 * Writes a release into `<folder>.tmp-<uuid>` and renames it when it is whole.
 * 1. A folder with a manifest is complete and never changes.
 * 2. The manifest is written last; a crash leaves only a `.tmp-` folder, which the retention sweep removes.
 * 3. Of several writers of one id one wins; the others get the winner's manifest.
 */
export async function createDraft(
  folder: string,
  filmIds: string[],
  committed: () => Promise<ReleaseManifest | null>,
  clock: Clock,
): Promise<ReleaseDraft> {
  const temporary = `${folder}.tmp-${randomUUID()}`;
  await mkdir(temporary, { recursive: true });
  const lists = new ListsFile(join(temporary, LISTS), filmIds);
  const jsonHash = createHash('sha256');
  const written: string[] = [];

  const writeJson = async (name: string, value: unknown) => {
    const text = JSON.stringify(value);
    await writeDurably(join(temporary, name), text);
    jsonHash.update(`${name} ${sha256(text)}\n`);
    written.push(name);
  };
  const abandon = async () => {
    await lists.discard();
    await rm(temporary, { recursive: true, force: true });
  };
  let isFilmsWritten = false;
  const writeFilms = async () => {
    if (filmIds.length > 0 && !isFilmsWritten) await writeJson(FILMS, filmIds);
    isFilmsWritten = true;
    await lists.close();
  };
  const seal = async (manifest: Omit<ReleaseManifest, 'files' | 'contentSha256'>) => {
    await writeFilms();
    if (lists.count > 0) written.push(LISTS);
    const files = await Promise.all(written.sort().map((name) => describeFile(temporary, name)));
    const sealed = releaseManifestSchema.parse({
      ...manifest,
      contentSha256: lists.count > 0 ? lists.contentSha256() : jsonHash.digest('hex'),
      files,
      createdAt: clock.now().toISOString(),
    } satisfies ReleaseManifest);
    await writeDurably(join(temporary, MANIFEST), JSON.stringify(sealed, null, 2));
    await syncFolder(temporary);
    await rename(temporary, folder);
    await syncFolder(dirname(folder));
    return sealed;
  };

  return {
    writeJson,
    abandon,
    put: (list) => lists.put(list),
    async write(name, bytes) {
      await writeDurably(join(temporary, name), bytes);
      written.push(name);
    },
    async copyIn(name, path) {
      await mkdir(dirname(join(temporary, name)), { recursive: true });
      await copyFile(path, join(temporary, name));
      await syncFile(join(temporary, name));
      written.push(name);
    },
    async preview() {
      await writeFilms();
      return {
        lists: await openListReader(temporary),
        model: await readReleasedModel(temporary),
        behaviour: await readReleasedBehaviour(temporary),
      };
    },
    async commit(manifest) {
      if (manifest.releaseId !== basename(folder)) {
        throw new Error(`draft of ${basename(folder)} was given the manifest of ${manifest.releaseId}`);
      }
      try {
        return await seal(manifest);
      } catch (error) {
        await abandon();
        const taken = codeOf(error) === 'ENOTEMPTY' || codeOf(error) === 'EEXIST';
        const winner = taken ? await committed() : null;
        if (winner === null) throw error;
        return winner;
      }
    },
  };
}

async function describeFile(folder: string, name: string) {
  const path = join(folder, name);
  return { path: name, sha256: await sha256OfFile(path), bytes: (await stat(path)).size };
}
