import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { ArtifactRef } from '../contracts/index.js';
import type { Model } from '../core/ranking/personal-list.js';
import type { ActivityDeps } from './deps.js';
import { permanentFailure } from './failures.js';
import { readJson } from './read-json.js';

const standingSchema = z.array(z.object({ positives: z.number().int(), trendMicro: z.number() }));
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
  const bytes = await readFile(join(deps.artifacts.path(ref.uri), 'film-factors.f32'));
  if (bytes.length !== filmIds.length * k * 4) {
    throw permanentFailure(
      'ArtifactCorrupt',
      `${ref.uri}/film-factors.f32: ${bytes.length} bytes, expected ${filmIds.length} films × ${k} × 4`,
    );
  }
  const factors = new Float32Array(new SharedArrayBuffer(bytes.length));
  new Uint8Array(factors.buffer).set(bytes);
  return { factors, filmIds, standing, hyper: { k, alpha0, lambda, nu } };
}
