import { readFile } from 'node:fs/promises';
import type { ArtifactRef } from '../contracts/index.js';
import type { Model } from '../core/ranking/model.js';
import { type Learnt, ModelDamaged, openLearnt, openModel } from '../core/ranking/model-files.js';
import { sha256 } from '../core/identity/hash.js';
import type { ActivityDeps, ArtifactStore } from './deps.js';
import { permanentFailure } from './failures.js';

/** A model artefact. */
export async function readModel(
  { artifacts }: Pick<ActivityDeps, 'artifacts'>,
  { uri }: ArtifactRef,
): Promise<Model> {
  const model = await soundly(uri, () => openModel(fileIn(artifacts, uri)));
  if (model === null) throw permanentFailure('ArtifactCorrupt', `${uri}/model.json: is not there`);
  return model;
}

/**
 * What was learnt, from the folder of a model, of a run or of a release; `expected` has the sha256 of each file by its uri.
 * Throws ArtifactCorrupt when a file is not what was written.
 */
export function readLearnt(
  artifacts: ArtifactStore,
  uri: string,
  expected?: ReadonlyMap<string, string>,
): Promise<Learnt> {
  return soundly(uri, () => openLearnt(fileIn(artifacts, uri, expected)));
}

function fileIn(artifacts: ArtifactStore, uri: string, expected?: ReadonlyMap<string, string>) {
  return async (name: string): Promise<Uint8Array | null> => {
    const file = `${uri}/${name}`;
    const bytes = await readFile(artifacts.path(file)).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null;
      throw error;
    });
    if (bytes === null || expected === undefined) return bytes;
    const [wanted, seen] = [expected.get(file), sha256(bytes)];
    if (wanted === seen) return bytes;
    throw permanentFailure(
      'ArtifactCorrupt',
      `${file}: expected sha256 ${wanted ?? 'in the manifest'}, found ${seen}`,
    );
  };
}

async function soundly<T>(uri: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ModelDamaged) throw permanentFailure('ArtifactCorrupt', `${uri}/${error.message}`);
    throw error;
  }
}
