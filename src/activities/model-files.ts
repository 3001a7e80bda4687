import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { ArtifactRef } from '../contracts/index.js';
import type { Model } from '../core/ranking/model.js';
import type { ActivityDeps } from './deps.js';
import { permanentFailure } from './failures.js';
import { readJson } from './read-json.js';

const standingSchema = z.array(z.object({ positives: z.number().int(), trendMicro: z.number() }));
const coldSchema = z.array(z.object({ filmId: z.string(), isNew: z.boolean() }));
const modelSchema = z.object({
  k: z.number().int().positive(),
  alpha0: z.number(),
  lambda: z.number(),
  nu: z.number(),
});

/** A model artefact, its factors in memory that threads share. */
export async function readModel(deps: Pick<ActivityDeps, 'artifacts'>, ref: ArtifactRef): Promise<Model> {
  const { k, alpha0, lambda, nu } = await readJson(deps.artifacts, ref, 'model.json', modelSchema);
  const filmIds = await readJson(deps.artifacts, ref, 'films.json', z.array(z.string()));
  const standing = await readJson(deps.artifacts, ref, 'standing.json', standingSchema);
  if (standing.length !== filmIds.length) {
    throw permanentFailure(
      'ArtifactCorrupt',
      `${ref.uri}/standing.json: ${standing.length} films, expected the ${filmIds.length} of films.json`,
    );
  }
  const coldFilms = await readJson(deps.artifacts, ref, 'cold-films.json', coldSchema);
  const factorsIn = (file: string, films: number) => readFactors(deps, ref, file, films, k);
  return {
    kind: 'als',
    factors: await factorsIn('film-factors.f32', filmIds.length),
    filmIds,
    standing,
    hyper: { k, alpha0, lambda, nu },
    cold: { factors: await factorsIn('cold-factors.f32', coldFilms.length), films: coldFilms },
  };
}

async function readFactors(
  { artifacts }: Pick<ActivityDeps, 'artifacts'>,
  { uri }: ArtifactRef,
  file: string,
  films: number,
  k: number,
): Promise<Float32Array> {
  const bytes = await readFile(join(artifacts.path(uri), file));
  if (bytes.length !== films * k * 4) {
    throw permanentFailure(
      'ArtifactCorrupt',
      `${uri}/${file}: ${bytes.length} bytes, expected ${films} films × ${k} × 4`,
    );
  }
  const factors = new Float32Array(new SharedArrayBuffer(bytes.length));
  new Uint8Array(factors.buffer).set(bytes);
  return factors;
}
