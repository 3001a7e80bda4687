import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ActivityDeps } from '../deps.js';
import type { Lineage } from '../../contracts/index.js';

/**
 * Parts of a snapshot whose rows are not those that their hash was taken of, by reading every one of them: asked only
 * when something came out otherwise.
 */
export async function spoiledParts(
  { warehouse, artifacts }: Pick<ActivityDeps, 'warehouse' | 'artifacts'>,
  { snapshot }: Lineage,
): Promise<string[]> {
  const folder = join(artifacts.root, `runs/repro.tmp-${randomUUID()}`);
  await mkdir(folder, { recursive: true });
  const spoiled: string[] = [];
  try {
    for (const { uri } of [...snapshot.days, snapshot.films, snapshot.viewers]) {
      const manifest = await artifacts.read(uri);
      for (const { path, sha256 } of manifest?.files ?? []) {
        const seen = await warehouse
          .session(async (session) => {
            await session.view('part', [join(artifacts.path(uri), path)]);
            return (await session.copy('FROM part', join(folder, 'copy.parquet'))).sha256;
          })
          .catch(
            (error: unknown) => `unreadable: ${error instanceof Error ? error.message.split('\n')[0] : ''}`,
          );
        if (seen !== sha256)
          spoiled.push(`${uri}/${path}: rows ${seen.slice(0, 40)}, expected ${sha256.slice(0, 12)}`);
      }
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return spoiled;
}
