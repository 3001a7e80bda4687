import { randomUUID } from 'node:crypto';
import { readFile, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock, ReleaseStore } from '../../activities/deps.js';
import { codeOf, replaceFile } from '../../activities/durable-files.js';
import {
  cardSchema,
  formulaListsSchema,
  type ReleaseManifest,
  releaseManifestSchema,
} from '../../contracts/index.js';
import { createChannels, isPlainName, plainName } from './channel.js';
import { openListReader } from './list-reader.js';
import { readReleasedBehaviour, readReleasedModel } from './model-reader.js';
import { createDraft, MANIFEST } from './release-draft.js';

export const FORMULA = 'formula.json';
export const SIMILAR = 'similar.u32';
const CARD = 'card.json';

/** Releases and channels under a warehouse root on a local or shared filesystem; serving needs nothing else. */
export function createReleaseStore(root: string, clock: Clock): ReleaseStore {
  const releases = join(root, 'releases');
  const cards = join(root, 'cards');
  const folderOf = (releaseId: string) => join(releases, plainName(releaseId));

  const manifest = async (releaseId: string): Promise<ReleaseManifest | null> => {
    try {
      const text = await readFile(join(folderOf(releaseId), MANIFEST), 'utf8');
      return releaseManifestSchema.parse(JSON.parse(text));
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return null;
      throw error;
    }
  };

  /** A card holds no rows of anybody, and says for good what was served. */
  const keepCard = async (releaseId: string) => {
    const text = await readFile(join(folderOf(releaseId), CARD)).catch(missingIsNull);
    if (text !== null) await replaceFile(join(cards, `${releaseId}.json`), text);
  };

  return {
    ...createChannels(join(root, 'channels'), clock),
    manifest,
    begin: (releaseId, filmIds) =>
      createDraft(folderOf(releaseId), filmIds, () => manifest(releaseId), clock),
    async list() {
      const entries = await readdir(releases, { withFileTypes: true }).catch((error: unknown) => {
        if (codeOf(error) === 'ENOENT') return [];
        throw error;
      });
      const ids = entries
        .filter((entry) => !entry.isFile() && isPlainName(entry.name) && !entry.name.includes('.tmp-'))
        .map(({ name }) => name);
      const found = await Promise.all(ids.map(manifest));
      return found
        .filter((release) => release !== null)
        .sort((a, b) => (a.releaseId < b.releaseId ? -1 : a.releaseId > b.releaseId ? 1 : 0));
    },
    async remove(releaseId) {
      await keepCard(releaseId);
      // Renamed first: a release is whole or not there, also when the removal is killed half-way.
      const doomed = `${folderOf(releaseId)}.tmp-${randomUUID()}`;
      try {
        await rename(folderOf(releaseId), doomed);
      } catch (error) {
        if (codeOf(error) === 'ENOENT') return;
        throw error;
      }
      await rm(doomed, { recursive: true, force: true });
    },
    readLists: (releaseId) => openListReader(folderOf(releaseId)),
    async readFormula(releaseId) {
      const text = await readFile(join(folderOf(releaseId), FORMULA), 'utf8');
      return formulaListsSchema.parse(JSON.parse(text));
    },
    async readCard(releaseId) {
      if (!isPlainName(releaseId)) return null;
      for (const file of [join(folderOf(releaseId), CARD), join(cards, `${releaseId}.json`)]) {
        const text = await readFile(file, 'utf8').catch(missingIsNull);
        if (text !== null) return cardSchema.parse(JSON.parse(text));
      }
      return null;
    },
    readModel: (releaseId) => readReleasedModel(folderOf(releaseId)),
    readBehaviour: (releaseId) => readReleasedBehaviour(folderOf(releaseId)),
    async readSimilar(releaseId) {
      try {
        const bytes = await readFile(join(folderOf(releaseId), SIMILAR));
        return new Uint32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
      } catch (error) {
        if (codeOf(error) === 'ENOENT') return null;
        throw error;
      }
    },
  };
}

function missingIsNull(error: unknown): null {
  if (codeOf(error) === 'ENOENT') return null;
  throw error;
}
