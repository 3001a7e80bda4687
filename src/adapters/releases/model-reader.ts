import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Model } from '../../core/ranking/model.js';
import { type Behaviour, behaviourSchema } from '../../contracts/index.js';
import { openModel } from '../../core/ranking/model-files.js';
import { codeOf } from '../../activities/durable-files.js';

/** The model that was copied into a release; null when its lists were made by none. */
export async function readReleasedModel(folder: string): Promise<Model | null> {
  try {
    return await openModel(async (name) => {
      try {
        return await readFile(join(folder, 'model', name));
      } catch (error) {
        if (codeOf(error) === 'ENOENT') return null;
        throw error;
      }
    });
  } catch (error) {
    throw new Error(`${folder}/model/${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
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
