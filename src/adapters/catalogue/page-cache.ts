import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

const pageSchema = z.object({
  url: z.string(),
  etag: z.string().nullable(),
  lastModified: z.string().nullable(),
  /** From the Link header. */
  next: z.string().nullable(),
  /** The reading that fetched or confirmed it last. */
  reading: z.string(),
  body: z.string(),
});
export type CachedPage = z.infer<typeof pageSchema>;

const failureSchema = z.object({ at: z.string(), problem: z.string() });

/**
 * Pages of one feed on disk, for conditional requests and for going on where a killed attempt stopped. A damaged or absent
 * file is a page that is not there: it is fetched again.
 */
export function openPageCache(folder: string) {
  const pages = join(folder, 'pages');
  const nameOf = (url: string) => `${createHash('sha256').update(url).digest('hex').slice(0, 32)}.json`;
  const failure = join(folder, 'failure.json');

  return {
    async get(url: string): Promise<CachedPage | null> {
      const found = pageSchema.safeParse(await readJson(join(pages, nameOf(url))));
      return found.success && found.data.url === url ? found.data : null;
    },
    put: (page: CachedPage) => replace(join(pages, nameOf(page.url)), JSON.stringify(page)),
    /** After a complete reading: pages that it did not meet go. */
    async keepOnly(urls: Iterable<string>): Promise<void> {
      const kept = new Set([...urls].map(nameOf));
      for (const name of await readdir(pages).catch(() => [])) {
        if (!kept.has(name)) await rm(join(pages, name), { force: true });
      }
      await rm(failure, { force: true });
    },
    async failure() {
      const found = failureSchema.safeParse(await readJson(failure));
      return found.success ? found.data : null;
    },
    noteFailure: (noted: z.infer<typeof failureSchema>) => replace(failure, JSON.stringify(noted)),
  };
}
export type PageCache = ReturnType<typeof openPageCache>;

async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as unknown;
  } catch {
    return null;
  }
}

/** All or nothing: a kill in between leaves the old file. Private, for a feed's terms may not allow others to read it. */
async function replace(file: string, text: string): Promise<void> {
  await mkdir(join(file, '..'), { recursive: true, mode: 0o700 });
  const draft = `${file}.tmp-${randomUUID()}`;
  try {
    await writeFile(draft, text, { mode: 0o600 });
    await rename(draft, file);
  } finally {
    await rm(draft, { force: true });
  }
}
