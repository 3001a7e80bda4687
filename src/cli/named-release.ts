import type { ReleaseStore } from '../activities/deps.js';
import { createReleaseStore } from '../adapters/releases/release-store.js';
import { loadSettings } from '../config.js';
import type { ReleaseManifest } from '../contracts/release.js';
import { UsageError } from './errors.js';

export function openReleases(): ReleaseStore {
  return createReleaseStore(loadSettings().warehouse, { now: () => new Date() });
}

/** A release by its id, as people type it. */
export async function releaseNamed(
  store: Pick<ReleaseStore, 'list'>,
  releaseId: string,
): Promise<ReleaseManifest> {
  const manifest = (await store.list()).find((release) => release.releaseId === releaseId);
  if (manifest === undefined) {
    throw new UsageError(`there is no release ${releaseId}; see: matinee releases list`);
  }
  return manifest;
}
