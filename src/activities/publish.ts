import { join } from 'node:path';
import { z } from 'zod';
import {
  type ArtifactRef,
  artifactRefSchema,
  nightSchema,
  type ReleaseManifest,
  reportSchema,
  type Verdict,
  snapshotRefSchema,
  trainingRecordSchema,
  verdictSchema,
  type WorkDone,
} from '../contracts/index.js';
import { type Allows, isAllowed } from '../core/age-gate/index.js';
import { createListTally } from '../core/card/list-tally.js';
import { isHeldBack, withServing } from '../core/gate/ops.js';
import { compareIds } from '../core/weighted-rating/index.js';
import { BEHAVIOUR_FILE, behaviourOf } from './behaviour.js';
import { TWIN_FOLDER } from './champion.js';
import { currentContext } from './context.js';
import {
  type ActivityDeps,
  ReleaseConflictError,
  type ReleaseDraft,
  type Session,
  type ViewerList,
} from './deps.js';
import { permanentFailure } from './failures.js';
import { releaseIdentity } from '../core/identity/release-identity.js';
import { auditAges, auditAnswers } from './publish-audit.js';
import {
  createListReading,
  type ListReading,
  openListViews,
  prepareLists,
  type PublishedFilm,
  publishableLists,
  readFilms,
} from './publish-lists.js';
import { measureServing, rehearse, sampleOf } from './publish-rehearsal.js';
import { readJson } from './read-json.js';
import { openEarlier, writeCard } from './write-card.js';
import { LINEAGE_FILE, copyStart, traceLineage } from './trace-lineage.js';
import { similarByTaste } from './similar-by-taste.js';
import { SIMILAR_FILE } from './similar.js';

export const RELEASE_CHANNEL = 'default';

export const publishReleaseInputSchema = z.object({
  night: nightSchema,
  snapshot: snapshotRefSchema,
  /** What scoreBucket wrote, all buckets. */
  buckets: z.array(artifactRefSchema),
  /** What the lists were made from, to be explained by; absent: they explain nothing. */
  interactions: artifactRefSchema.optional(),
  formula: artifactRefSchema,
  /** Release of the formula that stands in for viewers whom this release does not know. */
  formulaRelease: z.string().nullable(),
  model: artifactRefSchema.nullable(),
  /** What evaluateCandidate wrote; its refit goes into the release, for later nights to be compared with. */
  evaluation: artifactRefSchema.nullable().default(null),
  report: reportSchema.nullable(),
  verdict: verdictSchema.nullable(),
  /** false: the release is made and rehearsed, and the channel stays. */
  publish: z.boolean(),
  /** Entry of the channel that the night found at its start; 0 = empty. */
  expectSeq: z.number().int().min(0),
  by: z.string(),
});
export type PublishReleaseInput = z.input<typeof publishReleaseInputSchema>;
type PublishInput = z.infer<typeof publishReleaseInputSchema>;

export interface PublishReleaseResult {
  releaseId: string;
  contentSha256: string;
  counts: ReleaseManifest['counts'];
  provisional: boolean;
  audit: ReleaseManifest['audit'];
  rehearsed: number;
  /** held: its answers were too slow, by the verdict. */
  channel: 'flipped' | 'already' | 'superseded' | 'not-asked' | 'held';
  verdict: Verdict | null;
  /** What the channel points at afterwards; null when it was never moved. */
  serving: string | null;
}

type PublishParts = Pick<
  ActivityDeps,
  | 'config'
  | 'clock'
  | 'artifacts'
  | 'warehouse'
  | 'releases'
  | 'rehearsal'
  | 'threads'
  | 'codeSha256'
  | 'toolchain'
>;
type PublishDeps = PublishParts & { gates: PublishGates };

/** What keeps a list above its viewer's age from being published: the audit in SQL, and the gate of each list. */
export interface PublishGates {
  audit: typeof auditAges;
  allows: Allows;
}
const GATES: PublishGates = { audit: auditAges, allows: isAllowed };

export function createPublishActivities(parts: PublishParts, gates = GATES) {
  return {
    /**
     * Buckets → audit → releases/<night>-<hash> → rehearsal → one move of channel `default`. Each step is done once however
     * often it is tried. Throws AgeAuditFailed, ArtifactCorrupt, RehearsalFailed or ReleaseConflict, all for good.
     */
    async publishRelease(input: PublishReleaseInput): Promise<PublishReleaseResult> {
      const deps: PublishDeps = { ...parts, gates };
      const context = currentContext();
      const job = publishReleaseInputSchema.parse(input);
      const progress: WorkDone = { step: 'auditing ages' };
      context.heartbeat(progress);
      return deps.warehouse.session((s) => publishIn(deps, s, job, progress), { signal: context.signal });
    },
  };
}

async function publishIn(
  deps: PublishDeps,
  session: Session,
  job: PublishInput,
  progress: WorkDone,
): Promise<PublishReleaseResult> {
  await openListViews(deps.artifacts, session, job);
  const films = await readFilms(session);
  const toList = createListReading(films, deps.config.ages, deps.gates.allows);
  await prepareLists(session);
  const identity = identityOf(deps, job);
  let drawn: Promise<ViewerList[]> | undefined;
  const sample = () => (drawn ??= sampleOf(session, identity.releaseId, toList)); // after the audit, which names every offence
  const release =
    (await committed(deps, identity.releaseId)) ??
    (await commitRelease(deps, session, { job, ...identity, films, toList, sample, progress }));
  const rehearsed = await rehearse(deps, release.releaseId, await sample());
  const channel = job.publish ? await moveChannel(deps, job, release) : 'not-asked';
  const serving = (await deps.releases.current(RELEASE_CHANNEL))?.releaseId ?? null;
  const { releaseId, contentSha256, counts, provisional, audit, verdict } = release;
  return { releaseId, contentSha256, counts, provisional, audit, rehearsed, channel, serving, verdict };
}

/** The release of an earlier attempt. One that was held back was never served: it is made and measured anew. */
async function committed({ releases }: PublishDeps, releaseId: string): Promise<ReleaseManifest | null> {
  const release = await releases.manifest(releaseId);
  if (release === null || !isHeldBack(release)) return release;
  await releases.remove(releaseId);
  return null;
}

function identityOf(deps: PublishDeps, { snapshot, model, formula, night }: PublishInput) {
  return releaseIdentity(night.date, {
    events: snapshot.events.sha256,
    films: snapshot.films.sha256,
    viewers: snapshot.viewers.sha256,
    model: model?.sha256 ?? null,
    formula: formula.sha256,
    config: deps.config,
    code: deps.codeSha256,
  });
}

interface Making {
  job: PublishInput;
  releaseId: string;
  inputSha256: string;
  films: ReadonlyMap<string, PublishedFilm>;
  toList: ListReading;
  sample: () => Promise<ViewerList[]>;
  progress: WorkDone;
}

async function commitRelease(deps: PublishDeps, session: Session, making: Making): Promise<ReleaseManifest> {
  const { job, releaseId, inputSha256, films, toList, sample, progress } = making;
  const audit = await deps.gates.audit(session, job.night.asOf, deps.config.ages);
  const counts = { ...(await auditAnswers(session)), films: films.size };
  Object.assign(progress, { step: 'writing lists', done: 0, of: counts.viewers, unit: 'viewers' });
  const draft = await deps.releases.begin(releaseId, [...films.keys()].sort(compareIds));
  const before = await openEarlier(deps, job.night.date);
  try {
    const tally = createListTally(before.earlier);
    for await (const list of publishableLists(session, toList)) {
      draft.put(list);
      const { pid, servedBy, items } = list;
      tally.see({ pid, isPersonal: servedBy === 'personal', filmIds: items.map(({ filmId }) => filmId) });
      progress.done = (progress.done ?? 0) + 1;
    }
    if (job.model !== null) {
      await copyModel(deps, job.model, draft);
      Object.assign(progress, { step: 'similar films', done: 0, of: films.size, unit: 'films' });
      await draft.write(
        SIMILAR_FILE,
        await similarByTaste(deps, job.model, job.formula, currentContext().signal),
      );
    }
    const behaviour =
      job.interactions === undefined ? null : await behaviourOf(deps.artifacts, job.interactions);
    if (behaviour !== null) await draft.write(BEHAVIOUR_FILE, Buffer.from(JSON.stringify(behaviour)));
    Object.assign(progress, { step: 'measuring answers', done: undefined, of: undefined });
    const serving = await measureServing(deps, draft, { ...job, releaseId, sample: await sample() });
    const lineage = await traceLineage(deps, lineOf(job));
    await draft.write(LINEAGE_FILE, Buffer.from(JSON.stringify(lineage, null, 1)));
    await copyStart(deps, lineage, draft);
    const { model, report } = job;
    const verdict = job.verdict && withServing(job.verdict, serving, { ...deps.config.gate, k: 10 });
    const said = {
      releaseId,
      night: job.night.date,
      asOf: job.night.asOf,
      provisional: verdict?.provisional ?? false,
      counts,
      audit,
      report,
      verdict,
      serving,
    };
    await writeCard(
      deps,
      session,
      { manifest: said, lineage, model, evaluation: job.evaluation, tally },
      draft,
    );
    if (job.model !== null && job.evaluation !== null) await copyEvaluation(deps, job.evaluation, draft);
    return await draft.commit({
      ...said,
      schema: 'release/1',
      kind: 'personal',
      inputSha256,
      model: model === null ? null : await describeModel(deps, model, releaseId),
      formulaRelease: job.formulaRelease,
      config: deps.config,
      createdAt: deps.clock.now().toISOString(),
    });
  } catch (error) {
    await draft.abandon();
    throw error;
  } finally {
    await before.close();
  }
}

const lineOf = ({ night, snapshot, interactions, formula, model }: PublishInput) => ({
  runId: night.runId,
  snapshot,
  interactions: interactions ?? null,
  formula,
  model,
});

/** The model goes into the release: it must explain itself, and start the next night, when its run is swept. */
async function copyModel(deps: PublishDeps, model: ArtifactRef, draft: ReleaseDraft): Promise<void> {
  const manifest = await deps.artifacts.read(model.uri);
  for (const { path } of manifest?.files ?? []) {
    await draft.copyIn(`model/${path}`, join(deps.artifacts.path(model.uri), path));
  }
}

/** Report, analysis, verdict and the judged refit outlive the run too. */
async function copyEvaluation(
  deps: PublishDeps,
  evaluation: ArtifactRef,
  draft: ReleaseDraft,
): Promise<void> {
  const manifest = await deps.artifacts.read(evaluation.uri);
  for (const { path } of manifest?.files ?? []) {
    const name = path.startsWith(`${TWIN_FOLDER}/`) ? path : `evaluation/${path}`;
    await draft.copyIn(name, join(deps.artifacts.path(evaluation.uri), path));
  }
}

async function describeModel(deps: PublishDeps, model: ArtifactRef, releaseId: string) {
  const record = await readJson(deps.artifacts, model, 'model.json', trainingRecordSchema);
  const { recipe, kind } = record;
  const described = { uri: `releases/${releaseId}/model`, sha256: model.sha256, recipe, kind };
  return record.kind === 'als' ? { ...described, k: record.k } : described;
}

/** The channel never goes back in time: where a later night is served, it stays, and the release is only stored. */
async function moveChannel(
  deps: PublishDeps,
  { expectSeq, by }: PublishInput,
  release: ReleaseManifest,
): Promise<'flipped' | 'already' | 'superseded' | 'held'> {
  if (isHeldBack(release)) return 'held';
  const { releaseId, night, asOf } = release;
  const current = await deps.releases.current(RELEASE_CHANNEL);
  const served = current === null ? null : await deps.releases.manifest(current.releaseId);
  if (served !== null && served.night > night) return 'superseded';
  const { verdict } = release;
  try {
    const reason = verdict === null ? 'no verdict' : `${verdict.kind}: ${verdict.reasons.join('; ')}`;
    return await deps.releases.flip(RELEASE_CHANNEL, { releaseId, expectSeq, by, reason, asOf });
  } catch (error) {
    if (error instanceof ReleaseConflictError) throw permanentFailure('ReleaseConflict', error.message);
    throw error;
  }
}
