import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';

/** The host is part of the name: of another container's processes nothing is known, though they may share this folder. */
const prefix = () => `matinee-duckdb-${hostname().replaceAll(/[^A-Za-z0-9.]/g, '')}-`;

/** A private folder (0700) where one DuckDB puts what does not fit into memory. */
export const makeSpill = (): Promise<string> => mkdtemp(join(tmpdir(), `${prefix()}${process.pid}-`));

/** Removes what killed processes of this host left: their folders may be as large as the disk. */
export async function sweepSpills(folder: string = tmpdir()): Promise<void> {
  const ours = prefix();
  for (const name of await readdir(folder)) {
    if (!name.startsWith(ours)) continue;
    const pid = /^(\d+)-/.exec(name.slice(ours.length))?.[1];
    // Somebody else's folder cannot be removed; it is not ours to remove either.
    if (pid !== undefined && !isRunning(Number(pid))) {
      await rm(join(folder, name), { recursive: true, force: true }).catch(() => undefined);
    }
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
