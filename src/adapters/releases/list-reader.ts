import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { open } from 'lmdb';
import { z } from 'zod';
import type { ListReader } from '../../activities/deps.js';
import { decodeList, keyToPid, openList, pidToKey } from './list-codec.js';
import { FILMS, LISTS } from './release-draft.js';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Lists of one committed release. LMDB puts a `-lock` file beside the data on opening; on a read-only disk it goes without.
 */
export async function openListReader(folder: string): Promise<ListReader> {
  const films = z.array(z.string()).parse(JSON.parse(await readFile(join(folder, FILMS), 'utf8')));
  const path = join(folder, LISTS);
  if (!existsSync(path)) return emptyReader(films);
  const env = open<Buffer, Buffer>({
    path,
    readOnly: true,
    noSubdir: true,
    encoding: 'binary',
    keyEncoding: 'binary',
  });
  /** getBinary copies; getBinaryFast hands out one shared buffer, overwritten by the next get. */
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
    *pids() {
      for (const key of env.getKeys()) yield keyToPid(key);
    },
    close: () => env.close(),
  };
}

/** A release of a service without viewers. */
function emptyReader(films: string[]): ListReader {
  return { films, get: () => null, packed: () => null, pids: () => [], close: async () => {} };
}
