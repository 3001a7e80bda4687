import type { ReleaseStore, ViewerList } from '../../src/activities/deps.js';
import type { FormulaLists, ReleaseManifest } from '../../src/contracts/index.js';
import { NOW } from './world.js';

/** A committed personal release; no channel points at it. */
export async function publishLists(
  releases: ReleaseStore,
  releaseId: string,
  lists: ViewerList[],
): Promise<void> {
  const films = [...new Set(lists.flatMap(({ items }) => items.map(({ filmId }) => filmId)))].sort();
  const draft = await releases.begin(releaseId, films);
  for (const list of lists) draft.put(list);
  await draft.commit(manifestOf(releaseId, 'personal'));
}

export async function publishFormula(
  releases: ReleaseStore,
  releaseId: string,
  lists: FormulaLists,
): Promise<void> {
  const draft = await releases.begin(releaseId, []);
  await draft.writeJson('formula.json', lists);
  await draft.commit(manifestOf(releaseId, 'formula'));
}

function manifestOf(
  releaseId: string,
  kind: ReleaseManifest['kind'],
): Omit<ReleaseManifest, 'files' | 'contentSha256'> {
  return {
    schema: 'release/1',
    releaseId,
    kind,
    night: '2026-05-31',
    asOf: '2026-06-01T00:00:00Z',
    inputSha256: '0'.repeat(64),
    provisional: false,
    counts: { viewers: 1, personal: 1, formula: 0, none: 0, noneReasons: {}, films: 1 },
    model: null,
    formulaRelease: null,
    report: null,
    verdict: null,
    audit: { pairs: 0, violations: 0 },
    config: {},
    createdAt: NOW.toISOString(),
  };
}

export async function moveChannel(releases: ReleaseStore, channel: string, releaseId: string): Promise<void> {
  const seq = (await releases.current(channel))?.seq ?? 0;
  await releases.flip(channel, { releaseId, expectSeq: seq, by: 'test', reason: 'test' });
}
