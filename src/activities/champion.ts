import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { FilmFactors } from '../core/als/start.js';
import { type ArtifactRef, type ReleaseManifest, modelCardSchema } from '../contracts/index.js';
import type { ArtifactStore, ReleaseStore } from './deps.js';

/** What these stages ask of the releases. */
export type Served = Pick<ReleaseStore, 'history' | 'manifest'>;

export interface EarlierModel {
  sha256: string;
  factors: FilmFactors;
}

/**
 * What the personal channel served before night `date`: its newest release of an earlier night, or null. Never a later or
 * the same night's, so that a night run again decides and computes the same.
 */
export async function releaseBefore(releases: Served, date: string): Promise<ReleaseManifest | null> {
  const history = await releases.history('default');
  for (const { releaseId } of [...history].reverse()) {
    const release = await releases.manifest(releaseId);
    if (release !== null && release.night < date) return release;
  }
  return null;
}

/** That release's model, to start from, if it has the same recipe and is still in the warehouse; else null. */
export async function earlierModel(
  { releases, artifacts }: { releases: Served; artifacts: ArtifactStore },
  date: string,
  recipe: string,
): Promise<EarlierModel | null> {
  const model = (await releaseBefore(releases, date))?.model;
  if (model == null || model.recipe !== recipe) return null;
  const manifest = await artifacts.read(model.uri);
  if (manifest === null) return null;
  const factors = await readModelFactors(artifacts, { ...manifest, uri: model.uri });
  return { sha256: model.sha256, factors };
}

/** Film factors of a model artefact. */
export async function readModelFactors(artifacts: ArtifactStore, ref: ArtifactRef): Promise<FilmFactors> {
  const files = new Map((await artifacts.files(ref)).map((file) => [basename(file), file]));
  const read = async (name: string): Promise<Buffer> => {
    const file = files.get(name);
    if (file === undefined) throw new Error(`model ${ref.uri} has no ${name}`);
    return readFile(file);
  };
  const { k } = modelCardSchema.parse(JSON.parse((await read('model.json')).toString()));
  const filmIds = JSON.parse((await read('films.json')).toString()) as string[];
  const bytes = await read('film-factors.f32');
  if (bytes.length !== filmIds.length * k * 4) {
    throw new Error(
      `model ${ref.uri}: film-factors.f32 has ${bytes.length} bytes, expected ${filmIds.length * k * 4}`,
    );
  }
  const factors = new Float32Array(filmIds.length * k);
  new Uint8Array(factors.buffer).set(bytes);
  return { k, filmIds, factors };
}
