import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import {
  type ArtifactRef,
  type Effort,
  type FeaturesRef,
  type ModelKind,
  type Night,
  type TrainInput,
  type TrainResult,
  type TrainingRecord,
  KIND_NAMES,
  MODEL_KINDS,
  refOf,
  trainInputSchema,
  trainingRecordSchema,
} from '../contracts/index.js';
import { recipeOf } from '../core/als/recipe.js';
import { modelFiles } from '../core/ranking/model-files.js';
import { type Served, earlierModel } from './champion.js';
import { type Checkpoints, createCheckpoints } from './checkpoint.js';
import { currentContext } from './context.js';
import type { ActivityContext, ActivityDeps, Produced } from './deps.js';
import { divergence } from './failures.js';
import { bytesOf, sha256InTurns } from './number-files.js';
import { easeRefusal } from './train-ease.js';
import { trainKind } from './train-kinds.js';
import type { TrainedModel } from './trained-model.js';
import { type TrainingData, loadTrainingData } from './training-cells.js';

/** Below this there is nothing to learn: the night serves the formula. */
const MIN_VIEWERS = 2;
const MIN_FILMS = 2;

const SCHEMA = 'model/1';

type TrainDeps = Pick<ActivityDeps, 'config' | 'artifacts' | 'warehouse' | 'trainer' | 'codeSha256'> & {
  releases: Served;
};

export function createTrainActivities(deps: TrainDeps, context: () => ActivityContext = currentContext) {
  return {
    /** interactions → `runs/<runId>/train/`. Heartbeats the rows solved and the loss; a killed worker resumes by epoch. */
    async trainCandidate(input: TrainInput): Promise<TrainResult> {
      const parsed = trainInputSchema.parse(input);
      const running = context();
      const committed = await committedOf(deps, parsed.night.runId);
      if (committed !== null) return committed;
      running.heartbeat({ step: 'reading interactions' });
      return train(deps, parsed, running.signal, running.heartbeat);
    },
  };
}

/** The first kind's model is the run's `train`; that of a second one lies beside it. */
const uriOf = (runId: string, place: number, kind: ModelKind): string =>
  place === 0 ? `runs/${runId}/train` : `runs/${runId}/train-${kind}`;

const kindsOf = ({ model }: TrainDeps['config']): readonly ModelKind[] =>
  model === 'auto' ? MODEL_KINDS : [model];

/** All that this run was to train; null = not all of it is there. */
async function committedOf({ config, artifacts }: TrainDeps, runId: string): Promise<TrainResult | null> {
  const models: ArtifactRef[] = [];
  const kinds = kindsOf(config);
  let left: string | undefined;
  let record: TrainingRecord | undefined;
  for (const [place, kind] of kinds.entries()) {
    const uri = uriOf(runId, place, kind);
    const made = await artifacts.read(uri);
    if (made === null) break;
    record ??= trainingRecordSchema.parse(made.facts['card']);
    left ??= z.string().optional().parse(made.facts['left']);
    models.push(refOf(uri, made));
  }
  const wanted = left === undefined ? kinds.length : 1;
  if (record === undefined || models.length < wanted) return null;
  return resultOf(models, record, left);
}

/**
 * Fits the night's candidate of that kind once more, from the same data and start: the sha256 of what it has learnt as it is
 * published, equal to the candidate's or it is not reproducible, and what the fit cost. Writes nothing.
 */
export async function fitAgain(
  deps: TrainDeps,
  { night, features, kind }: { night: Night; features: FeaturesRef; kind: ModelKind },
  signal: AbortSignal,
  say: (details: unknown) => void,
): Promise<{ sha256: string; effort: Effort | undefined }> {
  const data = await readData(deps, features, night.asOf, signal);
  const { numbers, effort } = await trainKind(deps, kind, {
    data,
    ...(await startOf(deps, night, kind)),
    signal,
    say: (details) => say({ step: 'fitting a second time', ...(typeof details === 'object' ? details : {}) }),
  });
  return { sha256: await sha256InTurns(bytesOf(numbers)), effort };
}

async function startOf(deps: TrainDeps, { date, warmStart }: Night, kind: ModelKind) {
  const recipe = recipeOf(deps.config, deps.codeSha256, kind);
  const earlier = warmStart && kind === 'als' ? await earlierModel(deps, date, recipe) : null;
  return { recipe, earlier };
}

/**
 * Data → start → fit → artefact, for each kind. A checkpoint goes when its artefact is there. Of two kinds one that cannot be
 * fitted is left out, with its reason.
 */
async function train(
  deps: TrainDeps,
  { night, features }: TrainInput,
  signal: AbortSignal,
  say: (details: unknown) => void,
): Promise<TrainResult> {
  const data = await readData(deps, features, night.asOf, signal);
  const wanted = kindsOf(deps.config);
  const lacking = lacks(data, deps);
  if (lacking !== null) return { kind: 'skipped', reason: lacking };
  const refusal = wanted.includes('ease') ? easeRefusal(data.filmIds.length, deps.config) : null;
  const kinds = refusal === null ? wanted : wanted.filter((kind) => kind !== 'ease');
  if (kinds.length === 0) {
    return { kind: 'skipped', reason: `${refusal}; raise it, or set model: als or auto` };
  }
  const { interactions, films } = features;
  const fits: { trained: TrainedModel; checkpoints: Checkpoints }[] = [];
  let left = refusal ?? undefined;
  let failure: unknown;
  for (const kind of kinds) {
    const { recipe, earlier } = await startOf(deps, night, kind);
    const key = [interactions.sha256, films.sha256, recipe, earlier?.sha256 ?? 'cold'].join(' ');
    const uri = `runs/${night.runId}/train`;
    const checkpoints = createCheckpoints(`${deps.artifacts.path(uri)}.tmp-checkpoint-${kind}`, key);
    try {
      const trained = await trainKind(deps, kind, { data, recipe, earlier, signal, say }, checkpoints);
      fits.push({ trained, checkpoints });
    } catch (error) {
      const why = divergence(error);
      if (why === null) throw error;
      await checkpoints.remove();
      failure = error;
      left = `${KIND_NAMES[kind]} cannot be fitted: ${why}`;
    }
  }
  if (fits.length === 0) throw failure;
  // Written once it is known who is left out: that stands in the first one's facts.
  for (const [place, { trained, checkpoints }] of fits.entries()) {
    const uri = uriOf(night.runId, place, trained.record.kind);
    if ((await deps.artifacts.read(uri)) === null) {
      await deps.artifacts.write(uri, { schema: SCHEMA, inputs: [interactions, films] }, (folder) =>
        writeModel(folder, trained, data, left),
      );
    }
    await checkpoints.remove();
  }
  const result = await committedOf(deps, night.runId);
  if (result === null) throw new Error(`run ${night.runId} has not all of its models`);
  return result;
}

async function readData(
  { artifacts, warehouse, config }: TrainDeps,
  features: Pick<FeaturesRef, 'interactions' | 'films'>,
  asOf: string,
  signal: AbortSignal,
): Promise<TrainingData> {
  const files = {
    interactions: await artifacts.files(features.interactions),
    films: await artifacts.files(features.films),
  };
  return warehouse.session((session) => loadTrainingData(session, files, asOf, config), { signal });
}

function lacks({ viewers, filmIds }: TrainingData, { config }: TrainDeps): string | null {
  if (viewers >= MIN_VIEWERS && filmIds.length >= MIN_FILMS) return null;
  const { minItemUsers, minUserPos } = config.eligibility;
  return (
    `${filmIds.length} films have ${minItemUsers} raters or more and ${viewers} viewers have ${minUserPos} positive ` +
    `interactions with them or more; a model needs at least ${MIN_FILMS} and ${MIN_VIEWERS}`
  );
}

async function writeModel(
  folder: string,
  { record, numbers, cold, effort }: TrainedModel,
  { filmIds, standing }: TrainingData,
  left: string | undefined,
): Promise<Produced> {
  const json = (value: unknown, space = 0) => Buffer.from(JSON.stringify(value, null, space));
  const contents: [rows: number, bytes: Uint8Array][] = [
    [filmIds.length, bytesOf(numbers)],
    [filmIds.length, json(filmIds)],
    [filmIds.length, json(standing)],
    [cold.films.length, bytesOf(cold.numbers)],
    [cold.films.length, json(cold.films)],
    [1, json(record, 2)],
  ];
  const files: Produced['files'] = [];
  for (const [n, path] of modelFiles(record.kind).entries()) {
    const [rows, bytes] = contents[n]!;
    await writeFile(join(folder, path), bytes);
    files.push({ path, rows, bytes: bytes.length, sha256: await sha256InTurns(bytes) });
  }
  return { files, facts: { card: record, effort, ...(left === undefined ? {} : { left }) } };
}

/** `record`: of the first model. */
function resultOf(
  [model, other]: readonly ArtifactRef[],
  record: TrainingRecord,
  left: string | undefined,
): TrainResult {
  const { recipe, warmFrom } = record;
  const [epochs, losses] = record.kind === 'als' ? [record.epochs, record.losses] : [0, []];
  return {
    kind: 'trained',
    model: model!,
    recipe,
    of: record.kind,
    ...(other === undefined ? {} : { other }),
    ...(left === undefined ? {} : { left }),
    epochs,
    losses,
    warm: warmFrom !== null,
  };
}
