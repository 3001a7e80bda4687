import { readFile } from 'node:fs/promises';
import type { FilmFactors } from '../core/als/start.js';
import { type ReleaseManifest, trainingRecordSchema } from '../contracts/index.js';
import type { ArtifactStore, ReleaseStore } from './deps.js';
import { permanentFailure } from './failures.js';
import { sha256 } from '../core/identity/hash.js';

/** What a model is made of, in its run's folder and in the release that serves it. */
export const MODEL_FILES = [
  'film-factors.f32',
  'films.json',
  'standing.json',
  'cold-factors.f32',
  'cold-films.json',
  'model.json',
] as const;

/** Folder of a release with the refit under which it was judged: a model of its recipe that ends a week before it. */
export const TWIN_FOLDER = 'twin';

/** What these stages ask of the releases. */
export type Served = Pick<ReleaseStore, 'history' | 'manifest'>;

export interface EarlierModel {
  sha256: string;
  factors: FilmFactors;
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
  return { sha256: modelSha256, factors: await readModelFactors(artifacts, uri, released) };
}

/** Film factors in the folder of a model, of a run or of a release; `expected` has the sha256 of each file by its uri. */
export async function readModelFactors(
  artifacts: ArtifactStore,
  uri: string,
  expected?: ReadonlyMap<string, string>,
): Promise<FilmFactors> {
  const read = async (name: (typeof MODEL_FILES)[number]): Promise<Buffer> => {
    const file = `${uri}/${name}`;
    const bytes = await readFile(artifacts.path(file));
    const [wanted, seen] = [expected?.get(file), sha256(bytes)];
    if (expected !== undefined && wanted !== seen) {
      throw permanentFailure(
        'ArtifactCorrupt',
        `${file}: expected sha256 ${wanted ?? 'in the manifest'}, found ${seen}`,
      );
    }
    return bytes;
  };
  const { k } = trainingRecordSchema.parse(JSON.parse((await read('model.json')).toString()));
  const filmIds = JSON.parse((await read('films.json')).toString()) as string[];
  const bytes = await read('film-factors.f32');
  if (bytes.length !== filmIds.length * k * 4) {
    throw new Error(
      `model ${uri}: film-factors.f32 has ${bytes.length} bytes, expected ${filmIds.length * k * 4}`,
    );
  }
  const factors = new Float32Array(filmIds.length * k);
  new Uint8Array(factors.buffer).set(bytes);
  return { k, filmIds, factors };
}
