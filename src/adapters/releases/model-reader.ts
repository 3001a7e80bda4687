import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Model } from '../../core/ranking/model.js';
import { type Behaviour, behaviourSchema } from '../../contracts/index.js';
import { codeOf } from './durable.js';

const cardSchema = z.object({
  k: z.number().int().positive(),
  alpha0: z.number(),
  lambda: z.number(),
  nu: z.number(),
});

const standingSchema = z.array(z.object({ positives: z.number().int(), trendMicro: z.number() }));

const coldSchema = z.array(z.object({ filmId: z.string(), isNew: z.boolean() }));

/** The factors that were copied into a release; null when its lists were made by no model. */
export async function readReleasedModel(folder: string): Promise<Model | null> {
  const read = (name: string) => readFile(join(folder, 'model', name));
  try {
    const { k, ...rest } = cardSchema.parse(JSON.parse((await read('model.json')).toString('utf8')));
    const filmIds = z.array(z.string()).parse(JSON.parse((await read('films.json')).toString('utf8')));
    const standing = standingSchema.parse(JSON.parse((await read('standing.json')).toString('utf8')));
    const factorsIn = async (name: string, films: number) => {
      const bytes = await read(name);
      if (bytes.length !== films * k * 4) {
        throw new Error(`${folder}/model/${name}: ${bytes.length} bytes, expected ${films} films × ${k} × 4`);
      }
      return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
    };
    const factors = await factorsIn('film-factors.f32', filmIds.length);
    const cold = existsSync(join(folder, 'model', 'cold-films.json'))
      ? coldSchema.parse(JSON.parse((await read('cold-films.json')).toString('utf8')))
      : null;
    return {
      kind: 'als',
      factors,
      filmIds,
      standing,
      hyper: { k, ...rest },
      ...(cold === null
        ? {} // of an earlier version
        : { cold: { factors: await factorsIn('cold-factors.f32', cold.length), films: cold } }),
    };
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
}

const BEHAVIOUR = 'behaviour.json';

/** What of all viewers decided about each; null in releases of earlier versions. */
export async function readReleasedBehaviour(folder: string): Promise<Behaviour | null> {
  try {
    return behaviourSchema.parse(JSON.parse(await readFile(join(folder, BEHAVIOUR), 'utf8')));
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
}
