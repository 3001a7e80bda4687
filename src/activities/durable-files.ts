import { randomUUID } from 'node:crypto';
import { link, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Puts a file in place whole: it is written beside, flushed, and then renamed. A reader, a crash and a full disk meet the
 * earlier file or this one, never half of it; what a killed writer leaves beside it has `.tmp-` in its name.
 */
export async function replaceFile(file: string, content: string | Uint8Array): Promise<void> {
  await placed(file, content, (draft) => rename(draft, file));
}

/** The same for a file that is made once: false when it is there already, and then it stays as it is. */
export async function createFile(file: string, content: string | Uint8Array): Promise<boolean> {
  return placed(file, content, (draft) =>
    link(draft, file).then(
      () => true,
      (error: unknown) => {
        if (codeOf(error) === 'EEXIST') return false;
        throw error;
      },
    ),
  );
}

async function placed<T>(
  file: string,
  content: string | Uint8Array,
  place: (draft: string) => Promise<T>,
): Promise<T> {
  const draft = `${file}.tmp-${randomUUID()}`;
  try {
    await writeDurably(draft, content);
    const result = await place(draft);
    await syncFolder(dirname(file));
    return result;
  } finally {
    await rm(draft, { force: true });
  }
}

/** Written, then flushed to the disk, before anything points at it: a file of a folder that is renamed when it is complete. */
export async function writeDurably(file: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const handle = await open(file, 'w');
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Flushes a folder's entries (a rename, a link) to the disk. */
export async function syncFolder(folder: string): Promise<void> {
  await sync(folder, 'r');
}

/** Flushes a file that something else wrote. */
export async function syncFile(path: string): Promise<void> {
  await sync(path, 'r+');
}

async function sync(path: string, flags: string): Promise<void> {
  const handle = await open(path, flags);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Of a system error: ENOENT, EEXIST, … */
export const codeOf = (error: unknown) => (error as NodeJS.ErrnoException | null)?.code;
