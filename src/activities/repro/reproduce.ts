import { randomUUID } from 'node:crypto';
import { inContext } from '../context.js';
import type { ActivityDeps, ReleaseStore } from '../deps.js';
import { kindOf } from '../champion.js';
import { createFeaturesActivities } from '../features.js';
import { createFormulaActivities } from '../formula.js';
import { createScoreActivities } from '../score.js';
import { START_FOLDER } from '../trace-lineage.js';
import { createTrainActivities } from '../train.js';
import {
  type ArtifactRef,
  type FeaturesRef,
  type Lineage,
  type Night,
  type ReleaseManifest,
  type TrainResult,
  type WorkDone,
} from '../../contracts/index.js';
import { profileMaxAge } from '../../core/age-gate/index.js';
import { learntFile } from '../../core/ranking/model-files.js';
import { recipeOf } from '../../core/als/recipe.js';
import { factorDifference } from './factor-difference.js';
import { compareLists } from './list-difference.js';
import type { Remade } from './remade.js';
import { spoiledParts } from './spoiled-parts.js';

export interface Reproduction {
  releaseId: string;
  same: boolean;
  /** What this program is not, beside the one that made the release: code, packages, versions. Empty = the very same. */
  made: { what: string; was: string; is: string }[];
  remade: Remade[];
}

export type ReproDeps = Pick<
  ActivityDeps,
  | 'config'
  | 'clock'
  | 'artifacts'
  | 'warehouse'
  | 'releases'
  | 'threads'
  | 'trainer'
  | 'codeSha256'
  | 'toolchain'
>;

interface Job {
  manifest: ReleaseManifest;
  lineage: Lineage;
  /** Told before anything is made, so that it can be said first. */
  onMade?: (made: Reproduction['made']) => void;
  say: (work: WorkDone) => void;
  signal: AbortSignal;
}

/**
 * Makes a release once more from its snapshot, with its config and seed, from the factors that it started from, by the
 * stages' own code; compares hashes on the way, so that the first difference says where it began. `deps.config` must be
 * the release's. What is made lies in a `.tmp-` folder of the warehouse, and goes.
 */
export async function reproduce(deps: ReproDeps, job: Job): Promise<Reproduction> {
  const { manifest, lineage } = job;
  const made = otherThan(deps, lineage);
  job.onMade?.(made);
  const runId = `repro.tmp-${randomUUID()}`;
  const night: Night = {
    date: manifest.night,
    asOf: manifest.asOf,
    runId,
    warmStart: lineage.start !== null,
    why: `made once more for release ${manifest.releaseId}`,
  };
  let step = '';
  const context = {
    heartbeat: (details: unknown) => job.say(asWork(step, details)),
    resume: undefined,
    signal: job.signal,
  };
  const stage = <T>(name: string, work: () => Promise<T>): Promise<T> => {
    step = name;
    job.say({ step });
    return inContext(context, work);
  };
  const remade: Remade[] = [];
  try {
    const { snapshot } = lineage;
    const features = await stage('features', () =>
      createFeaturesActivities(deps, profileMaxAge).buildFeatures({
        night,
        snapshot: { ...snapshot, days: snapshot.days.length, changedDays: 0 },
      }),
    );
    if (lineage.interactions !== null) {
      remade.push(await sameInteractions(deps, lineage, features.interactions));
    }
    const formula = await stage('formula', () =>
      createFormulaActivities(deps).buildFormula({
        runId,
        asOf: night.asOf,
        films: snapshot.films,
        weightedRating: features.weightedRating,
        popularity: features.popularity,
      }),
    );
    remade.push(plain('formula', lineage.formula.sha256, formula.sha256));
    const trained = await stage('train', () => trainAgain(deps, job, night, features));
    const model = trained?.kind === 'trained' ? trained.model : null;
    if (trained !== null) remade.push(await sameFactors(deps, manifest, trained));
    const buckets = await stage('score', () => scoreAgain(deps, night, features, formula, model));
    remade.push(
      await stage('lists', () =>
        compareLists(
          deps,
          manifest,
          {
            snapshot,
            buckets,
            ...(lineage.interactions === null ? {} : { interactions: features.interactions }),
          },
          job.say,
        ),
      ),
    );
  } finally {
    await deps.artifacts.remove(`runs/${runId}`);
  }
  return { releaseId: manifest.releaseId, same: remade.every(({ same }) => same), made, remade };
}

/** Code first: with other code nothing need be the same. */
function otherThan(deps: ReproDeps, { codeSha256, toolchain }: Lineage): Reproduction['made'] {
  const now = deps.toolchain;
  return [
    { what: 'code', was: codeSha256, is: deps.codeSha256 },
    { what: 'packages', was: toolchain.lockSha256, is: now.lockSha256 },
    { what: 'DuckDB', was: toolchain.duckdb, is: now.duckdb },
    { what: 'Node', was: toolchain.node, is: now.node },
    { what: 'machine', was: toolchain.machine, is: now.machine },
  ].filter((each) => each.was !== each.is);
}

function asWork(step: string, details: unknown): WorkDone {
  const work = (details ?? {}) as WorkDone;
  return { ...work, step: work.step === undefined ? step : `${step}: ${work.step}` };
}

const plain = (what: Remade['what'], expected: string, seen: string, differences: string[] = []): Remade => ({
  what,
  same: expected === seen,
  expected,
  seen,
  differences,
});

async function sameInteractions(deps: ReproDeps, lineage: Lineage, seen: ArtifactRef): Promise<Remade> {
  const expected = lineage.interactions?.sha256 ?? '';
  if (expected === seen.sha256) return plain('interactions', expected, seen.sha256);
  const spoiled = await spoiledParts(deps, lineage);
  return plain('interactions', expected, seen.sha256, spoiled);
}

/** From the factors that the release keeps, in place of the champion of then. */
async function trainAgain(
  deps: ReproDeps,
  { manifest, lineage }: Job,
  night: Night,
  features: FeaturesRef,
): Promise<TrainResult | null> {
  if (manifest.model === null) return null;
  // which kind was chosen is what the release says; how it was made is made again
  const kind = kindOf(manifest.model);
  const config = { ...deps.config, model: kind };
  const recipe = recipeOf(config, deps.codeSha256, kind);
  const { start } = lineage;
  const releases: Pick<ReleaseStore, 'history' | 'manifest'> = {
    history: async () =>
      start === null
        ? []
        : [{ seq: 1, releaseId: manifest.releaseId, previous: null, by: '', reason: '', at: manifest.asOf }],
    manifest: async () =>
      start === null
        ? null
        : {
            ...manifest,
            night: '',
            model: {
              ...manifest.model!,
              uri: `releases/${manifest.releaseId}/${START_FOLDER}`,
              sha256: start.modelSha256,
              recipe,
            },
          },
  };
  return createTrainActivities({ ...deps, config, releases }).trainCandidate({ night, features });
}

async function sameFactors(
  deps: ReproDeps,
  manifest: ReleaseManifest,
  trained: TrainResult,
): Promise<Remade> {
  const released = (name: string) =>
    manifest.files.find(({ path }) => path === `model/${name}`)?.sha256 ?? '';
  const file = learntFile(kindOf(manifest.model!));
  if (trained.kind === 'skipped') {
    return plain('factors', released(file), '', [`nothing was trained: ${trained.reason}`]);
  }
  const { model } = trained;
  const made = await deps.artifacts.read(model.uri);
  const shaOf = (name: string) => made?.files.find(({ path }) => path === name)?.sha256 ?? '';
  const [expected, seen] = [released(file), shaOf(file)];
  const differences =
    expected === seen
      ? []
      : await factorDifference(deps.artifacts, `releases/${manifest.releaseId}/model`, model.uri);
  const standing =
    released('standing.json') === shaOf('standing.json')
      ? []
      : ['how films stand now (standing.json) differs'];
  return {
    ...plain('factors', expected, seen, [...differences, ...standing]),
    same: expected === seen && standing.length === 0,
  };
}

async function scoreAgain(
  deps: ReproDeps,
  night: Night,
  { interactions, viewers }: FeaturesRef,
  formula: ArtifactRef,
  model: ArtifactRef | null,
): Promise<ArtifactRef[]> {
  const score = createScoreActivities(deps);
  const buckets: ArtifactRef[] = [];
  for (const { bucket, through } of await score.planBuckets({ viewers })) {
    buckets.push(
      await score.scoreBucket({
        night,
        bucket,
        through,
        features: { interactions, viewers },
        model,
        formula,
      }),
    );
  }
  return buckets;
}
