import { randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Training after some epochs: all that the next epoch needs. */
export interface Checkpoint {
  losses: number[];
  /** Factors of both sides, as they lie in memory. */
  films: Float32Array;
  viewers: Float32Array;
}

/**
 * One file in a `.tmp-…` folder beside the artefact to be, replaced by rename after each epoch: a killed worker's successor
 * goes on from it, and the retention sweep removes what nobody came back for. `key` names data and recipe; a checkpoint of
 * another key is ignored.
 */
export function createCheckpoints(folder: string, key: string) {
  const file = join(folder, 'epoch.bin');
  return {
    /** Fills both arrays from a checkpoint of exactly their lengths and returns its losses, or null. */
    async load({ films, viewers }: Omit<Checkpoint, 'losses'>): Promise<number[] | null> {
      const bytes = await readFile(file).catch(() => null);
      const end = bytes?.indexOf('\n') ?? -1;
      if (bytes === null || end < 0) return null;
      const header = JSON.parse(bytes.subarray(0, end).toString()) as { key: string; losses: number[] };
      const body = bytes.subarray(end + 1);
      if (header.key !== key || body.length !== films.byteLength + viewers.byteLength) return null;
      bytesOf(films).set(body.subarray(0, films.byteLength));
      bytesOf(viewers).set(body.subarray(films.byteLength));
      return header.losses;
    },
    async save({ losses, films, viewers }: Checkpoint): Promise<void> {
      await mkdir(folder, { recursive: true });
      const part = `${file}.${randomUUID()}`;
      const handle = await open(part, 'w');
      try {
        await handle.writeFile(`${JSON.stringify({ key, losses })}\n`);
        await writeShared(handle, films);
        await writeShared(handle, viewers);
      } finally {
        await handle.close();
      }
      await rename(part, file);
    },
    async remove(): Promise<void> {
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export type Checkpoints = ReturnType<typeof createCheckpoints>;

/** Of a fit that is thrown away: there is nothing to resume. */
export const NO_CHECKPOINTS: Checkpoints = {
  load: async () => null,
  save: async () => {},
  remove: async () => {},
};

const PIECE_BYTES = 1 << 22;

/** fs takes no shared memory, so it goes out in copied pieces. */
async function writeShared(handle: FileHandle, values: Float32Array): Promise<void> {
  const bytes = bytesOf(values);
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
    await handle.writeFile(Uint8Array.from(bytes.subarray(at, at + PIECE_BYTES)));
  }
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
