import { readFile } from 'node:fs/promises';
import { type Lineage, type ReleaseManifest, lineageSchema } from '../contracts/index.js';
import type { ArtifactStore } from './deps.js';
import { permanentFailure } from './failures.js';
import { LINEAGE_FILE } from './trace-lineage.js';

/** A release's lineage; null in releases of earlier versions and of the formula. */
export async function readLineage(
  artifacts: Pick<ArtifactStore, 'path'>,
  { releaseId, files }: Pick<ReleaseManifest, 'releaseId' | 'files'>,
): Promise<Lineage | null> {
  if (!files.some(({ path }) => path === LINEAGE_FILE)) return null;
  const text = await readFile(artifacts.path(`releases/${releaseId}/${LINEAGE_FILE}`), 'utf8');
  const parsed = lineageSchema.safeParse(JSON.parse(text));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw permanentFailure(
    'ArtifactCorrupt',
    `releases/${releaseId}/${LINEAGE_FILE}: ${issue?.path.join('.') ?? ''} ${issue?.message ?? 'is not as it was written'}`,
  );
}

/** Every artefact that the release's lists can be made from once more; retention keeps them as long as the release. */
export function pinnedBy({ snapshot }: Lineage): string[] {
  const { events, films, viewers, days } = snapshot;
  return [events.uri, films.uri, viewers.uri, ...days.map(({ uri }) => uri)];
}

/** What is gone of a release's snapshot; [] = it can be made again. */
export async function missingOf(artifacts: Pick<ArtifactStore, 'read'>, lineage: Lineage): Promise<string[]> {
  const missing: string[] = [];
  for (const uri of pinnedBy(lineage)) if ((await artifacts.read(uri)) === null) missing.push(uri);
  return missing;
}
