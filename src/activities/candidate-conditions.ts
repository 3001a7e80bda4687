import {
  type ArtifactRef,
  type Conditions,
  type Effort,
  type FeaturesRef,
  type Night,
  type ReleaseManifest,
  effortSchema,
  type ModelKind,
  type TrainingRecord,
  trainingRecordSchema,
} from '../contracts/index.js';
import { createJudgement, topOf } from '../core/metrics/judgement.js';
import { type FilmLists, listOf, packLists } from '../core/metrics/film-lists.js';
import { overlapAt } from '../core/metrics/agreement.js';
import type { ActivityDeps, ReleaseStore } from './deps.js';
import { type RunningEffort, memoryMiB, wasBusy } from './effort.js';
import { type Learnt, filesOfNumbers } from '../core/ranking/model-files.js';
import { kindOf } from './champion.js';
import { type Fit, foldIn } from './fit-scorer.js';
import type { JudgementData } from './judgement-data.js';
import { readLearnt } from './model-files.js';
import { bytesOf, notFiniteIn, readNumbers, sha256InTurns } from './number-files.js';
import { FILMS_PER_TURN, pause } from './pause.js';
import { MODEL_FOLDER } from './trace-lineage.js';

/** Fits the night's candidate once more from the same data and start; the sha256 of what it has learnt, as published, and the cost. */
export type Refit = (
  candidate: { night: Night; features: FeaturesRef; kind: ModelKind },
  signal: AbortSignal,
  say: (details: unknown) => void,
) => Promise<{ sha256: string; effort: Effort | undefined }>;

/** What judging saw of the refit. */
export type Seen = Pick<Conditions, 'agePairs' | 'ageViolations' | 'shortLists' | 'leakedShare'>;

/** Viewers whose lists by the candidate and by its judged refit are held side by side. */
const ENVELOPE_VIEWERS = 500;
const ENVELOPE_K = 10;
/** A loss may rise by this share: the last bits of sums in another order. */
const LOSS_SLACK = 1e-6;

export interface Candidate {
  night: Night;
  features: FeaturesRef;
  model: ArtifactRef;
  champion: ReleaseManifest | null;
  /** Resident memory of this process at most, so far. */
  judging: Pick<RunningEffort, 'soFar'>;
}

type ConditionDeps = Pick<ActivityDeps, 'config' | 'artifacts' | 'warehouse' | 'trainer' | 'judge'> & {
  refit: Refit;
  releases: Pick<ReleaseStore, 'readCard'>;
};

/** What is read off the candidate itself, its data and its second fit, beside the refit `twin` that is judged for it. */
export async function conditionsOf(
  deps: ConditionDeps,
  { night, features, model, champion, judging }: Candidate,
  data: JudgementData,
  twin: Fit,
  seen: Seen,
  signal: AbortSignal,
  say: (details: unknown) => void,
): Promise<Conditions> {
  const { artifacts } = deps;
  const manifest = await artifacts.read(model.uri);
  if (manifest === null) throw new Error(`model ${model.uri} is not in the warehouse ${artifacts.root}`);
  const card = trainingRecordSchema.parse(manifest.facts['card']);
  const { kind } = card;
  const mature = data.isMature.reduce((sum, bit) => sum + bit, 0);
  say({ step: 'fitting a second time' });
  // Before the candidate is read: an EASE model is as large as the memory of a fit.
  const again = await deps.refit({ night, features, kind }, signal, say);
  const losses = card.kind === 'als' ? card.losses : [];
  const learnt = await readLearnt(artifacts, model.uri);
  const envelope = await envelopeOf(deps, learnt, losses, data, twin, signal, say);
  const coldFile = artifacts.path(`${model.uri}/${filesOfNumbers(kind).cold}`);
  const trained = effortSchema.safeParse(manifest.facts['effort']).data;
  return {
    ...seen,
    bytes: sizeOf(manifest.files) ?? 0,
    championBytes: championBytes(champion, kind),
    lagHours: await lagOf(deps, night, features, signal),
    isOfThisNight: manifest.inputs.some((input) => input.sha256 === features.interactions.sha256),
    matureShare: data.isMature.length === 0 ? 0 : mature / data.isMature.length,
    factors: await sha256InTurns(bytesOf(learnt.numbers)),
    refitted: again.sha256,
    notFinite: (await notFiniteIn(learnt.numbers)) + (await notFiniteIn(await readNumbers(coldFile))),
    envelope,
    effort: await effortOf(
      deps,
      { kind, passes: passesOf(card), trained, again: again.effort, champion },
      judging.soFar(),
    ),
  };
}

interface Fits {
  kind: ModelKind;
  /** Epochs; EASE is one. */
  passes: number;
  /** Absent in models of earlier versions. */
  trained: Effort | undefined;
  again: Effort | undefined;
  champion: ReleaseManifest | null;
}

const passesOf = (record: TrainingRecord): number => (record.kind === 'als' ? record.epochs : 1);

/** The lighter of the two fits an epoch, of those that ran alone where one did, beside the champion's by its card; and the memory that both took. */
async function effortOf(
  { releases, config }: ConditionDeps,
  { kind, passes, trained, again, champion }: Fits,
  judging: Effort,
): Promise<Conditions['effort']> {
  const fits = [trained, again].flatMap((fit) => fit ?? []).sort((a, b) => a.cpuSeconds - b.cpuSeconds);
  const own = fits.filter(({ isShared }) => isShared !== true);
  const [least] = own.length > 0 ? own : fits;
  if (least === undefined) return undefined;
  const theirs = champion === null ? undefined : (await releases.readCard(champion.releaseId))?.model;
  const comparable =
    theirs?.kind === kind && theirs.effort?.processor === least.processor && theirs.effort.isShared !== true
      ? theirs
      : undefined;
  return {
    epochCpuSeconds: least.cpuSeconds / passes,
    championEpochCpuSeconds:
      comparable?.effort === undefined ? null : comparable.effort.cpuSeconds / passesOf(comparable),
    isBusy: wasBusy(least),
    isShared: least.isShared ?? false,
    peakMiB: Math.max(judging.peakMiB, trained?.peakMiB ?? 0),
    memoryMiB: memoryMiB(config.gate.memoryLimitMiB),
  };
}

/** Kinds of models are no measure for each other's size: EASE grows with the square of films, and its own limit bounds it. */
function championBytes(champion: ReleaseManifest | null, kind: ModelKind): number | null {
  if (champion?.model == null || kindOf(champion.model) !== kind) return null;
  return sizeOf(modelFiles(champion));
}

/** Of a release the model alone: lists grow with viewers. */
function modelFiles({ files }: ReleaseManifest): { path: string; bytes: number }[] {
  return files.flatMap(({ path, bytes }) =>
    path.startsWith(MODEL_FOLDER) ? [{ path: path.slice(MODEL_FOLDER.length), bytes }] : [],
  );
}

/** What was learnt: cold films grow with the catalogue. Null where there is no file. */
function sizeOf(files: readonly { path: string; bytes: number }[]): number | null {
  if (files.length === 0) return null;
  return files.reduce((sum, { path, bytes }) => sum + (path.startsWith('cold-') ? 0 : bytes), 0);
}

async function lagOf(
  { artifacts, warehouse }: ConditionDeps,
  { asOf }: Night,
  { interactions }: FeaturesRef,
  signal: AbortSignal,
): Promise<number> {
  const files = await artifacts.files(interactions);
  const [row] = await warehouse.session(
    async (session) => {
      await session.view('interactions', files);
      return session.rows<{ newest: number | null }>(
        'SELECT epoch_ms(max(last_at))::DOUBLE AS newest FROM interactions',
      );
    },
    { signal },
  );
  const hours = (Date.parse(asOf) - (row?.newest ?? 0)) / 3_600_000;
  return Math.max(0, hours);
}

/** What the candidate has learnt, for the twin's own histories: only that differs. */
async function envelopeOf(
  deps: ConditionDeps,
  candidate: Learnt,
  losses: readonly number[],
  data: JudgementData,
  twin: Fit,
  signal: AbortSignal,
  say: (details: unknown) => void,
): Promise<Conditions['envelope']> {
  const known = new Set(candidate.filmIds);
  const isOther = candidate.kind !== twin.kind || (twin.kind === 'als' && candidate.width !== twin.width);
  if (isOther || !data.training.filmIds.some((filmId) => known.has(filmId))) return null;
  const viewers = Math.min(ENVELOPE_VIEWERS, data.rowOfViewer.length);
  const first = (lists: FilmLists) =>
    packLists(Array.from({ length: viewers }, (_, viewer) => listOf(lists, viewer)));
  const { training, rowOfFilm } = data;
  const rowOfViewer = data.rowOfViewer.subarray(0, viewers);
  const { config } = deps;
  const folded = await foldIn(
    deps.trainer,
    { name: 'candidate', config, training, rowOfFilm, rowOfViewer, signal, say },
    candidate,
  );
  const { relevant, seen, classOf, hidden } = data.lists;
  const judgement = createJudgement({
    films: data.catalogue,
    relevant: first(relevant),
    seen: first(seen),
    classOf: classOf.subarray(0, viewers),
    hidden,
    candidates: null,
    ks: [ENVELOPE_K],
    scorers: [folded.scorer, twin.scorer],
  });
  await deps.judge.rank(judgement, { threads: config.ials.threads, signal });
  let overlap = 0;
  for (let viewer = 0; viewer < viewers; viewer++) {
    overlap += overlapAt(topOf(judgement, 0, viewer), topOf(judgement, 1, viewer), ENVELOPE_K);
  }
  return {
    overlap: viewers === 0 ? 0 : overlap / viewers,
    normRatio: (await medianLength(folded)) / (await medianLength(twin)),
    lossRose: losses.some((loss, n) => n > 0 && loss > losses[n - 1]! * (1 + LOSS_SLACK)),
  };
}

async function medianLength({ films, learnt }: Fit): Promise<number> {
  const lengths = new Float64Array(films);
  for (let film = 0; film < films; film++) {
    if (film % FILMS_PER_TURN === 0) await pause();
    const own = learnt(film);
    let square = 0;
    for (let f = 0; f < own.length; f++) square += own[f]! ** 2;
    lengths[film] = Math.sqrt(square);
  }
  lengths.sort();
  return lengths[lengths.length >> 1] ?? 0;
}
