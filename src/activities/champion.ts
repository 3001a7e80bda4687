import type { ModelKind, ReleaseManifest } from '../contracts/index.js';
import type { Learnt } from '../core/ranking/model-files.js';
import type { ArtifactStore, ReleaseStore } from './deps.js';
import { readLearnt } from './model-files.js';

/** Folder of a release with the refit under which it was judged: a model of its recipe that ends a week before it. */
export const TWIN_FOLDER = 'twin';

/** What these stages ask of the releases. */
export type Served = Pick<ReleaseStore, 'history' | 'manifest'>;

/** The kind of a release's model; those of earlier versions knew one. */
export const kindOf = (model: NonNullable<ReleaseManifest['model']>): ModelKind => model.kind ?? 'als';

export interface EarlierModel {
  sha256: string;
  learnt: Learnt;
}

/**
 * What the personal channel served before night `date`: of its releases that of the greatest earlier night (of several of
 * one night the last on the channel), or null. Never a later or the same night's, so that a night run again decides and
 * computes the same; and by night, not by entry, for a channel may have been put back to an older night.
 */
export async function releaseBefore(releases: Served, date: string): Promise<ReleaseManifest | null> {
  let found: ReleaseManifest | null = null;
  for (const { releaseId } of await releases.history('default')) {
    const release = await releases.manifest(releaseId);
    if (release !== null && release.night < date && release.night >= (found?.night ?? '')) found = release;
  }
  return found;
}

/**
 * That release's model, to start from, if it has the same recipe; else null. Read from the release itself, which outlives
 * its run, and checked against the release's manifest. Throws ArtifactCorrupt when a file is not what was released.
 */
export async function earlierModel(
  { releases, artifacts }: { releases: Served; artifacts: ArtifactStore },
  date: string,
  recipe: string,
): Promise<EarlierModel | null> {
  const release = await releaseBefore(releases, date);
  if (release?.model == null || release.model.recipe !== recipe) return null;
  const { uri, sha256: modelSha256 } = release.model;
  const released = new Map(
    release.files.map((file) => [`releases/${release.releaseId}/${file.path}`, file.sha256]),
  );
  return { sha256: modelSha256, learnt: await readLearnt(artifacts, uri, released) };
}
