import { createHash } from 'node:crypto';
import { statfsSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { open } from 'lmdb';
import type { ViewerList } from '../../activities/deps.js';
import { syncFile } from '../../activities/durable-files.js';
import { encodeList, pidToKey } from './list-codec.js';

/** Files of a release with its lists, and with the films that they count by. */
export const LISTS = 'lists.mdb';
export const FILMS = 'films.json';

/** Lists per LMDB transaction: a few milliseconds of the event loop. */
const BATCH = 256;
/** Whole pages; LMDB wants two and a bit for its 126 readers, and makes room for more of them in a larger file. */
const LOCK_BYTES = 12_288;
/** A disk with less than this many bytes left is full. */
const LITTLE_ROOM = 1 << 20;

/** LMDB being filled in key order. Without lists there is no file. */
export class ListsFile {
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
    await syncFile(this.#path);
  }

  /** Lets go of the file without writing what waits: what stopped the draft (a full disk) would stop that too. */
  async discard(): Promise<void> {
    this.#waiting = [];
    await this.#env?.close();
    this.#env = undefined;
  }

  #flush(): void {
    if (this.#waiting.length === 0) return;
    try {
      const env = (this.#env ??= openForWriting(this.#path));
      env.transactionSync(() => {
        for (const { key, value } of this.#waiting) env.putSync(key, value, { append: true });
      });
    } catch (error) {
      throw roomLeft(this.#path) < LITTLE_ROOM ? diskFull(this.#path, error) : error;
    }
    this.#waiting = [];
  }
}

/** Not synced per transaction: the file is flushed once, when it is closed. */
function openForWriting(path: string) {
  allocateLock(path);
  return open<Buffer, Buffer>({
    path,
    noSubdir: true,
    noSync: true,
    overlappingSync: false,
    encoding: 'binary',
    keyEncoding: 'binary',
  });
}

/**
 * LMDB maps its lock file into memory. Where the disk has no room for that file's pages, touching them kills the process
 * (SIGBUS), so they are written before anybody maps them. It stays beside the lists, for the same reason, for the readers.
 */
function allocateLock(path: string): void {
  writeFileSync(`${path}-lock`, Buffer.alloc(LOCK_BYTES));
}

function roomLeft(path: string): number {
  const { bavail, bsize } = statfsSync(dirname(path));
  return bavail * bsize;
}

/** LMDB takes a write that was cut short for an input/output error; what it is, the disk says. */
function diskFull(path: string, cause: unknown): Error {
  return Object.assign(new Error(`ENOSPC: no space left on device, write ${path}`, { cause }), {
    code: 'ENOSPC',
  });
}
