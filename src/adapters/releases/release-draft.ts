import { createHash, randomUUID } from 'node:crypto';
import { copyFile, mkdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { open } from 'lmdb';
import type { Clock, ReleaseDraft, ViewerList } from '../../activities/deps.js';
import { type ReleaseManifest, releaseManifestSchema } from '../../contracts/index.js';
import { writeDurably } from '../artifacts/artifact-store.js';
import { sha256Of, sha256OfFile } from '../artifacts/hash.js';
import { codeOf, syncFile, syncFolder } from './durable.js';
import { encodeList, pidToKey } from './list-codec.js';

export const LISTS = 'lists.mdb';
export const FILMS = 'films.json';
export const MANIFEST = 'manifest.json';

/** Lists per LMDB transaction: a few milliseconds of the event loop. */
const BATCH = 256;

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
    jsonHash.update(`${name} ${sha256Of(text)}\n`);
    written.push(name);
  };
  const abandon = async () => {
    await lists.close();
    await rm(temporary, { recursive: true, force: true });
  };
  const seal = async (manifest: Omit<ReleaseManifest, 'files' | 'contentSha256'>) => {
    if (filmIds.length > 0) await writeJson(FILMS, filmIds);
    await lists.close();
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
    async copyIn(name, path) {
      await mkdir(dirname(join(temporary, name)), { recursive: true });
      await copyFile(path, join(temporary, name));
      await syncFile(join(temporary, name));
      written.push(name);
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

/** LMDB being filled in key order. Without lists there is no file. */
class ListsFile {
  readonly #path: string;
  readonly #filmIndex: ReadonlyMap<string, number>;
  readonly #hash = createHash('sha256');
  #env: ReturnType<typeof openForWriting> | undefined;
  #waiting: { key: Buffer; value: Buffer }[] = [];
  #last: Buffer | undefined;
  count = 0;

  constructor(path: string, filmIds: string[]) {
    this.#path = path;
    this.#filmIndex = new Map(filmIds.map((filmId, index) => [filmId, index]));
  }

  put(list: ViewerList): void {
    const key = pidToKey(list.pid);
    if (this.#last !== undefined && key.compare(this.#last) <= 0) {
      throw new Error(`lists must come in ascending pid order: ${list.pid} came late or twice`);
    }
    const value = encodeList(list, (filmId) => {
      const index = this.#filmIndex.get(filmId);
      if (index === undefined)
        throw new Error(`list of ${list.pid} names film ${filmId}, not in the release`);
      return index;
    });
    this.#last = key;
    this.#hash.update(key).update(value);
    this.#waiting.push({ key, value });
    this.count++;
    if (this.#waiting.length >= BATCH) this.#flush();
  }

  /** Over (key, value) in key order. */
  contentSha256(): string {
    return this.#hash.digest('hex');
  }

  async close(): Promise<void> {
    this.#flush();
    if (this.#env === undefined) return;
    await this.#env.close();
    this.#env = undefined;
    await rm(`${this.#path}-lock`, { force: true });
    await syncFile(this.#path);
  }

  #flush(): void {
    if (this.#waiting.length === 0) return;
    const env = (this.#env ??= openForWriting(this.#path));
    env.transactionSync(() => {
      for (const { key, value } of this.#waiting) env.putSync(key, value, { append: true });
    });
    this.#waiting = [];
  }
}

/** Not synced per transaction: the file is flushed once, when it is closed. */
function openForWriting(path: string) {
  return open<Buffer, Buffer>({
    path,
    noSubdir: true,
    noSync: true,
    overlappingSync: false,
    encoding: 'binary',
    keyEncoding: 'binary',
  });
}
