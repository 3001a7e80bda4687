import type { Night, Serving } from '../contracts/index.js';
import type { ActivityDeps, ReleaseDraft, Session, ViewerList } from './deps.js';
import { permanentFailure } from './failures.js';
import { type ListReading, sampledLists } from './publish-lists.js';

/** Viewers of each kind of answer whose list is asked from the real API before the channel moves. */
const REHEARSED_OF_EACH_KIND = 24;

type RehearsalDeps = Pick<ActivityDeps, 'rehearsal' | 'releases'>;

interface Rehearsed {
  night: Night;
  releaseId: string;
  formulaRelease: string | null;
  sample: ViewerList[];
}

/** Lists of viewers drawn by the release's own id. */
export async function sampleOf(
  session: Session,
  releaseId: string,
  toList: ListReading,
): Promise<ViewerList[]> {
  await session.set('sample_seed', releaseId);
  await session.set('sample_size', REHEARSED_OF_EACH_KIND, 'INTEGER');
  await session.model('publish/rehearsal_sample');
  return sampledLists(session, toList);
}

/** How fast the draft is answered, by the real API code (G8): what is too slow must be known before a channel moves. */
export async function measureServing(
  deps: RehearsalDeps,
  draft: ReleaseDraft,
  { formulaRelease, night, releaseId, sample }: Rehearsed,
): Promise<Serving> {
  const isThere = formulaRelease !== null && (await deps.releases.manifest(formulaRelease)) !== null;
  const formula = isThere ? await deps.releases.readFormula(formulaRelease) : null;
  const preview = await draft.preview();
  try {
    return await deps.rehearsal.measure(preview, { releaseId, night: night.date, sample, formula });
  } finally {
    await preview.lists.close();
  }
}

/** The committed release through the real API code. */
export async function rehearse(
  deps: RehearsalDeps,
  releaseId: string,
  sample: ViewerList[],
): Promise<number> {
  const { checked, failures } = await deps.rehearsal.rehearse(releaseId, sample);
  if (failures.length > 0 || checked !== sample.length) {
    throw permanentFailure(
      'RehearsalFailed',
      `rehearsal of ${releaseId}: ${failures.length} of ${sample.length} answers differ (${checked} checked), expected 0: ${failures[0] ?? ''}`,
      { failures: failures.slice(0, 5) },
    );
  }
  return checked;
}
