import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { open } from 'lmdb';
import { z } from 'zod';
import type { ListReader } from '../../activities/deps.js';
import { decodeList, encodeList, keyToPid, openList, pidToKey } from './list-codec.js';
import { FILMS, LISTS } from './lists-file.js';

/** Read without a pause: some milliseconds of the event loop. */
const LISTS_PER_TURN = 512;
const UNKNOWN_FILM = 0xffffffff;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Lists of one committed release. LMDB puts a `-lock` file beside the data on opening; on a read-only disk it goes without.
 */
export async function openListReader(folder: string): Promise<ListReader> {
  const films = z.array(z.string()).parse(JSON.parse(await readFile(join(folder, FILMS), 'utf8')));
  return readLists(folder, films);
}

/** The same at once, for threads; `films` are those of films.json. */
export function readLists(folder: string, films: string[]): ListReader {
  const path = join(folder, LISTS);
  if (!existsSync(path)) return emptyReader(films);
  const env = open<Buffer, Buffer>({
    path,
    readOnly: true,
    noSubdir: true,
    encoding: 'binary',
    keyEncoding: 'binary',
  });
  const value = (pid: string) => (UUID.test(pid) ? env.getBinary(pidToKey(pid)) : undefined);
  return {
    films,
    get(pid) {
      const found = value(pid);
      return found === undefined ? null : decodeList(pid.toLowerCase(), found, films);
    },
    packed(pid) {
      const found = value(pid);
      return found === undefined ? null : openList(found);
    },
    peek(pid) {
      // One shared buffer, overwritten by the next get: copying 15 KB for five items of it is a tenth of a request.
      const found = UUID.test(pid) ? env.getBinaryFast(pidToKey(pid)) : undefined;
      return found === undefined ? null : openList(found);
    },
    *pids() {
      for (const key of env.getKeys()) yield keyToPid(key);
    },
    async contentSha256(onLists) {
      const hash = createHash('sha256');
      let done = 0;
      for (const { key, value: bytes } of env.getRange()) {
        hash.update(key).update(bytes);
        if (++done % LISTS_PER_TURN !== 0) continue;
        onLists?.(done);
        await setImmediate();
      }
      onLists?.(done);
      return hash.digest('hex');
    },
    hashing: () => listHash(films),
    close: () => env.close(),
  };
}

/** A release of a service without viewers. */
function emptyReader(films: string[]): ListReader {
  const contentSha256 = async () => createHash('sha256').digest('hex');
  return {
    films,
    get: () => null,
    packed: () => null,
    peek: () => null,
    pids: () => [],
    contentSha256,
    hashing: () => listHash(films),
    close: async () => {},
  };
}

/** Packs lists as a draft does; a film that the release does not have makes any list another one. */
function listHash(films: readonly string[]): ReturnType<ListReader['hashing']> {
  const index = new Map(films.map((filmId, n) => [filmId, n]));
  const hash = createHash('sha256');
  return {
    put(list) {
      hash.update(pidToKey(list.pid)).update(encodeList(list, (filmId) => index.get(filmId) ?? UNKNOWN_FILM));
    },
    sha256: () => hash.digest('hex'),
  };
}
