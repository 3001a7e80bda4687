import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type ArtifactRef,
  type Effort,
  type FeaturesRef,
  type ModelKind,
  type Night,
  type TrainInput,
  type TrainResult,
  type TrainingRecord,
  trainInputSchema,
  trainingRecordSchema,
} from '../contracts/index.js';
import { recipeOf } from '../core/als/recipe.js';
import { sha256 } from '../core/identity/hash.js';
import { modelFiles } from '../core/ranking/model-files.js';
import { type Served, earlierModel } from './champion.js';
import { createCheckpoints } from './checkpoint.js';
import { currentContext } from './context.js';
import type { ActivityContext, ActivityDeps, Produced } from './deps.js';
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
      const uri = `runs/${parsed.night.runId}/train`;
      const committed = await deps.artifacts.read(uri);
      if (committed !== null) return resultOf({ ...committed, uri }, recordOf(committed.facts));

      running.heartbeat({ step: 'reading interactions' });
      return train(deps, parsed, uri, running.signal, running.heartbeat);
    },
  };
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
  return { sha256: sha256(new Uint8Array(numbers.buffer)), effort };
}

async function startOf(deps: TrainDeps, { date, warmStart }: Night, kind: ModelKind) {
  const recipe = recipeOf(deps.config, deps.codeSha256, kind);
  const earlier = warmStart && kind === 'als' ? await earlierModel(deps, date, recipe) : null;
  return { recipe, earlier };
}

/** Data → start → fit → artefact. The checkpoint goes when the artefact is there. */
async function train(
  deps: TrainDeps,
  { night, features }: TrainInput,
  uri: string,
  signal: AbortSignal,
  say: (details: unknown) => void,
): Promise<TrainResult> {
  const data = await readData(deps, features, night.asOf, signal);
  const kind = deps.config.model;
  const reason = lacks(data, deps, kind);
  if (reason !== null) return { kind: 'skipped', reason };
  const { recipe, earlier } = await startOf(deps, night, kind);
  const key = [features.interactions.sha256, features.films.sha256, recipe, earlier?.sha256 ?? 'cold'].join(
    ' ',
  );
  const checkpoints = createCheckpoints(`${deps.artifacts.path(uri)}.tmp-checkpoint`, key);
  const trained = await trainKind(deps, kind, { data, recipe, earlier, signal, say }, checkpoints);
  const model = await deps.artifacts.write(
    uri,
    { schema: SCHEMA, inputs: [features.interactions, features.films] },
    (folder) => writeModel(folder, trained, data),
  );
  await checkpoints.remove();
  return resultOf(model, trained.record);
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

function lacks({ viewers, filmIds }: TrainingData, { config }: TrainDeps, kind: ModelKind): string | null {
  if (viewers >= MIN_VIEWERS && filmIds.length >= MIN_FILMS) {
    const refusal = kind === 'ease' ? easeRefusal(filmIds.length, config) : null;
    return refusal === null ? null : `${refusal}; raise it, or set model: als`;
  }
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
): Promise<Produced> {
  const json = (value: unknown, space = 0) => Buffer.from(JSON.stringify(value, null, space));
  const contents: [rows: number, bytes: Uint8Array][] = [
    [filmIds.length, new Uint8Array(numbers.buffer)],
    [filmIds.length, json(filmIds)],
    [filmIds.length, json(standing)],
    [cold.films.length, new Uint8Array(cold.numbers.buffer)],
    [cold.films.length, json(cold.films)],
    [1, json(record, 2)],
  ];
  const files: Produced['files'] = [];
  for (const [n, path] of modelFiles(record.kind).entries()) {
    const [rows, bytes] = contents[n]!;
    await writeFile(join(folder, path), bytes);
    files.push({ path, rows, bytes: bytes.length, sha256: sha256(bytes) });
  }
  return { files, facts: { card: record, effort } };
}

function recordOf(facts: Record<string, unknown>): TrainingRecord {
  return trainingRecordSchema.parse(facts['card']);
}

function resultOf(
  { uri, sha256: hash, rows, bytes, schema }: ArtifactRef,
  record: TrainingRecord,
): TrainResult {
  const model = { uri, sha256: hash, rows, bytes, schema };
  const { recipe, warmFrom } = record;
  const made = { kind: 'trained', model, recipe, of: record.kind, warm: warmFrom !== null } as const;
  return record.kind === 'als'
    ? { ...made, epochs: record.epochs, losses: record.losses }
    : { ...made, epochs: 0, losses: [] };
}
