import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type ArtifactRef,
  type Effort,
  type FeaturesRef,
  type TrainingRecord,
  type Night,
  type TrainInput,
  type TrainResult,
  trainingRecordSchema,
  trainInputSchema,
} from '../contracts/index.js';
import { epochStep } from '../core/als/epoch-step.js';
import { coldFilmsOf } from '../core/als/film-content.js';
import { recipeOf } from '../core/als/recipe.js';
import { startFilms } from '../core/als/start.js';
import { ModelDiverged } from '../core/als/train.js';
import { type Workspace, createWorkspace, publishedFactors } from '../core/als/workspace.js';
import { currentContext } from './context.js';
import { createCheckpoints } from './checkpoint.js';
import type { ActivityContext, ActivityDeps, Produced } from './deps.js';
import { startEffort } from './effort.js';
import { isDiskFull, permanentFailure } from './failures.js';
import { sha256 } from '../core/identity/hash.js';
import { type TrainingData, loadTrainingData } from './training-cells.js';
import { type EarlierModel, type Served, earlierModel } from './champion.js';

/** Below this there is nothing to learn: the night serves the formula. */
const MIN_VIEWERS = 2;
const MIN_FILMS = 2;

const SCHEMA = 'model/1';

/** A fit that is thrown away has nothing to resume. */
const NO_CHECKPOINTS = { load: async () => null, save: async () => {}, remove: async () => {} };

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
      if (committed !== null) return resultOf({ ...committed, uri }, cardOf(committed.facts));

      running.heartbeat({ step: 'reading interactions' });
      return train(deps, parsed, uri, running.signal, running.heartbeat);
    },
  };
}

/**
 * Fits the night's candidate once more, from the same data and start: the sha256 of its factors as they are published, equal
 * to the candidate's or it is not reproducible, and what the fit cost. Writes nothing.
 */
export async function fitAgain(
  deps: TrainDeps,
  night: Night,
  features: FeaturesRef,
  signal: AbortSignal,
  say: (details: unknown) => void,
): Promise<{ sha256: string; effort: Effort | undefined }> {
  const data = await readData(deps, features, night.asOf, signal);
  const recipe = recipeOf(deps.config, deps.codeSha256);
  const earlier = night.warmStart ? await earlierModel(deps, night.date, recipe) : null;
  const { workspace, effort } = await fit(deps, data, earlier, NO_CHECKPOINTS, signal, (details) =>
    say({ step: 'fitting a second time', ...(typeof details === 'object' ? details : {}) }),
  );
  const factors = publishedFactors(workspace, workspace.films);
  return { sha256: sha256(new Uint8Array(factors.buffer)), effort };
}

/** Data → start → epochs → artefact. The checkpoint goes when the artefact is there. */
async function train(
  deps: TrainDeps,
  { night, features }: TrainInput,
  uri: string,
  signal: AbortSignal,
  say: (details: unknown) => void,
): Promise<TrainResult> {
  const data = await readData(deps, features, night.asOf, signal);
  const reason = lacks(data, deps);
  if (reason !== null) return { kind: 'skipped', reason };
  const recipe = recipeOf(deps.config, deps.codeSha256);
  const earlier = night.warmStart ? await earlierModel(deps, night.date, recipe) : null;
  const key = [features.interactions.sha256, features.films.sha256, recipe, earlier?.sha256 ?? 'cold'].join(
    ' ',
  );
  const checkpoints = createCheckpoints(`${deps.artifacts.path(uri)}.tmp-checkpoint`, key);
  const { workspace, losses, epochs, effort } = await fit(deps, data, earlier, checkpoints, signal, say);
  const card: TrainingRecord = {
    ...hyperOf(deps.config.ials),
    users: data.viewers,
    films: data.filmIds.length,
    seed: deps.config.ials.seed,
    epochs,
    losses,
    recipe,
    warmFrom: earlier?.sha256 ?? null,
  };
  const model = await deps.artifacts.write(
    uri,
    { schema: SCHEMA, inputs: [features.interactions, features.films] },
    (folder) => writeModel(folder, workspace, data, { card, effort }),
  );
  await checkpoints.remove();
  return resultOf(model, card);
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

/** Trains from the checkpoint if there is one of this data, else from the earlier model, else from the seeds. */
async function fit(
  { config, trainer }: TrainDeps,
  data: TrainingData,
  earlier: EarlierModel | null,
  checkpoints: ReturnType<typeof createCheckpoints>,
  signal: AbortSignal,
  say: (details: unknown) => void,
): Promise<{ workspace: Workspace; losses: number[]; epochs: number; effort: Effort | undefined }> {
  const { ials } = config;
  const epochs = earlier === null ? ials.epochsCold : ials.epochsWarm;
  const workspace = createWorkspace(data, hyperOf(ials), data.content ?? undefined);
  const factors = { films: workspace.films.factors, viewers: workspace.viewers.factors };
  const saved = await checkpoints.load(factors);
  if (saved === null) startFilms(workspace, data.filmIds, ials, earlier?.factors);

  const done = [...(saved ?? [])];
  const effort = startEffort(ials.threads);
  try {
    const losses = await trainer.train(workspace, {
      epochs,
      solver: ials.solver,
      losses: done,
      threads: ials.threads,
      signal,
      onProgress: (progress) => say({ ...epochStep(progress, epochs), loss: done.at(-1) ?? null }),
      onEpoch: async ({ epoch, of, loss }) => {
        done.push(loss);
        await checkpoints.save({ losses: done, ...factors });
        say({ step: `epoch ${epoch} of ${of}`, done: epoch, of, loss });
      },
    });
    // What a killed attempt did before is not known here.
    return { workspace, losses, epochs, effort: saved === null ? effort.soFar() : undefined };
  } catch (error) {
    if (isDiskFull(error)) await checkpoints.remove(); // no attempt comes back for it, and its room is wanted
    if (error instanceof ModelDiverged) throw permanentFailure('ModelDiverged', error.message);
    throw error;
  } finally {
    effort.stop();
  }
}

async function writeModel(
  folder: string,
  workspace: Workspace,
  { filmIds, standing, content }: TrainingData,
  facts: { card: TrainingRecord; effort: Effort | undefined },
): Promise<Produced> {
  const factors = publishedFactors(workspace, workspace.films);
  const cold = coldFilmsOf(workspace.prior, content);
  const contents: [path: string, rows: number, bytes: Uint8Array][] = [
    ['film-factors.f32', filmIds.length, new Uint8Array(factors.buffer)],
    ['films.json', filmIds.length, Buffer.from(JSON.stringify(filmIds))],
    ['standing.json', filmIds.length, Buffer.from(JSON.stringify(standing))],
    ['cold-factors.f32', cold.films.length, new Uint8Array(cold.factors.buffer)],
    ['cold-films.json', cold.films.length, Buffer.from(JSON.stringify(cold.films))],
    ['model.json', 1, Buffer.from(JSON.stringify(facts.card, null, 2))],
  ];
  const files: Produced['files'] = [];
  for (const [path, rows, bytes] of contents) {
    await writeFile(join(folder, path), bytes);
    files.push({ path, rows, bytes: bytes.length, sha256: sha256(bytes) });
  }
  return { files, facts };
}

function hyperOf({ k, alpha0, lambda, nu }: TrainDeps['config']['ials']) {
  return { k, alpha0, lambda, nu };
}

function cardOf(facts: Record<string, unknown>): TrainingRecord {
  return trainingRecordSchema.parse(facts['card']);
}

function resultOf({ uri, sha256, rows, bytes, schema }: ArtifactRef, card: TrainingRecord): TrainResult {
  return {
    kind: 'trained',
    model: { uri, sha256, rows, bytes, schema },
    recipe: card.recipe,
    epochs: card.epochs,
    losses: card.losses,
    warm: card.warmFrom !== null,
  };
}
