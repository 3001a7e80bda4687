import {
  type ArtifactRef,
  type Lineage,
  type Manifest,
  type ReleaseManifest,
  type SnapshotRef,
  trainingRecordSchema,
} from '../contracts/index.js';
import { hashOf } from '../core/identity/hash.js';
import { snapshotSha256 } from '../core/identity/release-identity.js';
import type { ActivityDeps, ReleaseDraft, ReleaseStore } from './deps.js';
import { permanentFailure } from './failures.js';

/** Files of a release with its lineage, and with the factors that its training started from. */
export const LINEAGE_FILE = 'lineage.json';
export const START_FOLDER = 'start';
/** Of the model, in a release's list of files. */
export const MODEL_FOLDER = 'model/';

type LineageDeps = Pick<ActivityDeps, 'config' | 'artifacts' | 'releases' | 'codeSha256' | 'toolchain'>;

interface Made {
  runId: string;
  snapshot: Pick<SnapshotRef, 'events' | 'films' | 'viewers'>;
  interactions: ArtifactRef | null;
  formula: ArtifactRef;
  model: ArtifactRef | null;
}

/** Reads off the manifests of a run what its release is made from: run → snapshot → days → segments. */
export async function traceLineage(deps: LineageDeps, made: Made): Promise<Lineage> {
  const { runId, snapshot, interactions, formula, model } = made;
  const { config, artifacts, codeSha256, toolchain } = deps;
  const { events, films, viewers } = snapshot;
  return {
    schema: 'lineage/1',
    runId,
    codeSha256,
    configSha256: hashOf(config),
    toolchain,
    seed: config.ials.seed,
    snapshot: {
      sha256: snapshotSha256(snapshot),
      events,
      films,
      viewers,
      days: await daysOf(artifacts, events.uri),
    },
    interactions,
    formula,
    model,
    start: model === null ? null : await startOf(deps, model),
    steps: await stepsOf(artifacts, runId),
  };
}

async function daysOf(
  artifacts: ActivityDeps['artifacts'],
  snapshot: string,
): Promise<Lineage['snapshot']['days']> {
  const { inputs } = await committed(artifacts, snapshot);
  const days: Lineage['snapshot']['days'] = [];
  for (const { uri, sha256 } of inputs) {
    const version = await committed(artifacts, uri);
    const day = /day=(\d{4}-\d\d-\d\d)/.exec(uri)?.[1] ?? '';
    days.push({ uri, sha256, day, rows: version.rows, segments: version.inputs });
  }
  return days;
}

async function committed(artifacts: ActivityDeps['artifacts'], uri: string): Promise<Manifest> {
  const manifest = await artifacts.read(uri);
  if (manifest !== null) return manifest;
  throw permanentFailure(
    'ArtifactCorrupt',
    `${uri}: expected a committed artefact of the snapshot, found none`,
  );
}

/** The release whose factors training started from: kept in this one too, for that one goes before it. */
async function startOf({ artifacts, releases }: LineageDeps, model: ArtifactRef): Promise<Lineage['start']> {
  const { facts } = await committed(artifacts, model.uri);
  const card = trainingRecordSchema.safeParse(facts['card']);
  const modelSha256 = card.success ? card.data.warmFrom : null;
  if (modelSha256 === null) return null;
  const found = (await releases.list()).filter((release) => release.model?.sha256 === modelSha256);
  const releaseId = found.at(-1)?.releaseId;
  if (releaseId === undefined) {
    throw permanentFailure(
      'ArtifactCorrupt',
      `${model.uri} was trained from model ${modelSha256.slice(0, 12)}, which no release has: run the night again`,
    );
  }
  return { releaseId, modelSha256 };
}

/** Copies the factors that training started from into the release. */
export async function copyStart(
  { artifacts, releases }: { artifacts: ActivityDeps['artifacts']; releases: Pick<ReleaseStore, 'manifest'> },
  { start }: Lineage,
  draft: ReleaseDraft,
): Promise<void> {
  if (start === null) return;
  const from: ReleaseManifest | null = await releases.manifest(start.releaseId);
  if (from?.model == null) throw new Error(`release ${start.releaseId} went away while it was copied`);
  for (const { path } of from.files) {
    if (!path.startsWith(MODEL_FOLDER)) continue;
    const name = path.slice(MODEL_FOLDER.length);
    await draft.copyIn(`${START_FOLDER}/${name}`, artifacts.path(`${from.model.uri}/${name}`));
  }
}

/**
 * Artefacts of the run in the order in which they were there. The time of a step is that since the step before: most of the
 * work is done before an artefact is begun.
 */
async function stepsOf(artifacts: ActivityDeps['artifacts'], runId: string): Promise<Lineage['steps']> {
  const made: { uri: string; rows: number; wallMs: number; at: number }[] = [];
  for (const uri of await artifacts.list(`runs/${runId}`)) {
    const { wallMs, rows, createdAt } = await committed(artifacts, uri);
    made.push({ uri, rows, wallMs, at: Date.parse(createdAt) });
  }
  made.sort((a, b) => a.at - b.at || (a.uri < b.uri ? -1 : 1));
  return made.map(({ uri, rows, wallMs, at }, n) => ({
    uri,
    rows,
    wallMs: n === 0 ? wallMs : at - made[n - 1]!.at,
  }));
}
