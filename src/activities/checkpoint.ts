import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Training after some epochs: all that the next epoch needs. */
export interface Checkpoint {
  losses: number[];
  /** films × k */
  factors: Float64Array;
}

/**
 * One file in a `.tmp-…` folder beside the artefact to be, replaced by rename after each epoch: a killed worker's successor
 * goes on from it, and the retention sweep removes what nobody came back for. `key` names data and recipe; a checkpoint of
 * another key is ignored.
 */
export function createCheckpoints(folder: string, key: string) {
  const file = join(folder, 'epoch.bin');
  return {
    /** The checkpoint with exactly `length` factors, or null. */
    async load(length: number): Promise<Checkpoint | null> {
      const bytes = await readFile(file).catch(() => null);
      const end = bytes?.indexOf('\n') ?? -1;
      if (bytes === null || end < 0) return null;
      const header = JSON.parse(bytes.subarray(0, end).toString()) as { key: string; losses: number[] };
      const body = bytes.subarray(end + 1);
      if (header.key !== key || body.length !== length * 8) return null;
      const factors = new Float64Array(length);
      new Uint8Array(factors.buffer).set(body);
      return { losses: header.losses, factors };
    },
    async save({ losses, factors }: Checkpoint): Promise<void> {
      await mkdir(folder, { recursive: true });
      const part = `${file}.${randomUUID()}`;
      const body = Float64Array.from(factors); // fs takes no shared memory
      await writeFile(
        part,
        Buffer.concat([Buffer.from(`${JSON.stringify({ key, losses })}\n`), Buffer.from(body.buffer)]),
      );
      await rename(part, file);
    },
    async remove(): Promise<void> {
      await rm(folder, { recursive: true, force: true });
    },
  };
}
