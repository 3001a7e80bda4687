import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createEvaluateActivities } from '../../src/activities/evaluate.js';
import type { EffectOfCode } from '../../src/activities/release-class.js';
import type { SplitBuilders } from '../../src/activities/split-parts.js';
import { createTrainActivities, fitAgain } from '../../src/activities/train.js';
import { sha256 } from '../../src/core/identity/hash.js';
import type { EvaluateResult, ModelKind, ReleaseManifest } from '../../src/contracts/index.js';
import { recipeOf } from '../../src/core/als/recipe.js';
import { ASOF, type World, makeWorld, night, plainBuilders, releaseOf } from './model-world.js';

export const CONFIG = {
  ials: { k: 8, priorGamma: null }, // genres are tastes here: with a prior nothing is left to be worse at
  eligibility: { minItemUsers: 5 },
  evaluate: { minViewers: 20, bootstrap: 200 },
};
const worlds: World[] = [];
export const closeWorlds = () => worlds.splice(0).forEach((world) => world.close());

/** Viewers with one of two tastes rate films of it 8, others 2; `at`: SQL of the time of event n of viewer u. */
export const events = (at: string) => `
  SELECT *, (u % 16)::INTEGER AS bucket, (lpad(u::VARCHAR, 8, '0') || '-0000-0000-0000-000000000000')::UUID AS pid
  FROM (
    SELECT u, 'film-' || lpad(i::VARCHAR, 3, '0') AS film_id, md5(u || '/' || i)::UUID AS event_id, 'rating' AS type,
           if(i % 3 = 0, 'home', 'search') AS surface, if(u % 3 = 0, ' TV', if(i % 5 = 0, NULL, 'phone')) AS device, (CASE WHEN u % 2 = i % 2 THEN 8 ELSE 2 END)::SMALLINT AS value, ${at} AS ts
    FROM (SELECT u, i, row_number() OVER (PARTITION BY u ORDER BY md5(i || '.' || u)) AS n
          FROM range(60) AS viewers(u), range(40) AS films(i)
          WHERE md5_number_lower(u || '/' || i) % 4 < (CASE WHEN u % 2 = i % 2 THEN 3 ELSE 1 END))
  )`;
const EVENLY = `TIMESTAMP '2024-06-03' - to_days(3 * n::INTEGER)`; // one event every third day, the last on 31 May
export const LONG_AGO = `TIMESTAMP '2023-01-01' + to_minutes(n::INTEGER)`;
export const FILMS = `
  SELECT 'film-' || lpad(i::VARCHAR, 3, '0') AS film_id, if(i = 39, '{"MPA":["R"]}', '{"MPA":["G"]}') AS certificates,
         if(i = 38, ['KR'], ['*']) AS markets, if(i = 37, TIMESTAMP '2024-05-30', NULL) AS added_at,
         NULL::DOUBLE AS external_average, NULL::INTEGER AS external_votes,
         'Film ' || i AS title, [if(i % 2 = 0, 'Comedy', 'Drama')] AS genres, ['English'] AS languages,
         []::VARCHAR[] AS actors, []::VARCHAR[] AS directors, []::VARCHAR[] AS countries,
         1950 AS release_year, 90 AS runtime_min
  FROM range(40) AS films(i)`;
export const viewersIn = (market: string) => `
  SELECT (lpad(u::VARCHAR, 8, '0') || '-0000-0000-0000-000000000000')::UUID AS pid, (u % 16)::INTEGER AS bucket,
         '${market}' AS market, if(u < 10, 10, 40)::INTEGER AS max_age
  FROM range(60) AS viewers(u)`;

export async function evaluate(
  world: World,
  {
    at = EVENLY,
    builders = plainBuilders,
    runId = 'r',
    market = 'default',
    staged = (select) => select,
    effectOfCode = async () => ({ kind: 'unknown', says: 'the champion was not made again' }),
    change,
  }: {
    at?: string;
    builders?: SplitBuilders;
    runId?: string;
    market?: string;
    /** What becomes of the events before they are staged. */
    staged?: (select: string) => string;
    effectOfCode?: EffectOfCode;
    /** What breaks between training and judging. */
    change?: (world: World) => void;
  } = {},
): Promise<EvaluateResult> {
  worlds.push(world);
  const snapshot = {
    events: await world.artifact(`${runId}-events`, staged(events(at))),
    films: await world.artifact(`${runId}-films`, FILMS),
    viewers: await world.artifact(`${runId}-viewers`, viewersIn(market)),
    days: 1,
    changedDays: 1,
  };
  const interactions = await world.deps.artifacts.write(
    `${runId}-interactions`,
    { schema: 'test', inputs: [] },
    async (folder) => {
      const outPath = join(folder, 'data.parquet');
      const eventFiles = await world.deps.artifacts.files(snapshot.events);
      const { config } = world.deps;
      const ratingPath = join(folder, 'votes.parquet');
      const part = {
        events: { eventFiles },
        asOf: ASOF,
        films: [],
        viewers: [],
        config,
        outPath,
        ratingPath,
      };
      await world.deps.warehouse.session((session) => plainBuilders.buildTrainPart(session, part));
      return { files: [{ path: 'data.parquet', sha256: 'of-the-night', rows: 1, bytes: 1 }] };
    },
  );
  const { viewers } = snapshot;
  const features = { interactions, viewers, films: snapshot.films, weightedRating: viewers };
  const trained = await createTrainActivities(world.deps, world.context).trainCandidate({
    night: night(runId),
    features,
  });
  if (trained.kind === 'skipped') throw new Error(trained.reason);
  change?.(world);
  return createEvaluateActivities(
    {
      ...world.deps,
      split: builders,
      refit: (...work) => fitAgain(world.deps, ...work),
      effectOfCode,
    },
    world.context,
  ).evaluateCandidate({
    night: night(runId),
    snapshot,
    features,
    model: trained.model,
    ...(trained.other === undefined ? {} : { other: trained.other }),
    ...(trained.left === undefined ? {} : { left: trained.left }),
  });
}

interface Released {
  files: { path: string; bytes: Buffer }[];
  manifest: ReleaseManifest;
}
/** By config: most tests stand on the same release. */
const releasedBefore = new Map<string, Promise<Released>>();

/** A night that was released, as later nights find it. */
export async function released(
  config: Record<string, unknown> = CONFIG,
): Promise<{ world: World; manifest: ReleaseManifest }> {
  const key = JSON.stringify(config);
  if (!releasedBefore.has(key)) releasedBefore.set(key, makeReleased(config));
  const made = await releasedBefore.get(key)!;
  const manifest = structuredClone(made.manifest);
  const world = makeWorld(CONFIG, { channel: ['one'], manifests: { one: manifest } });
  for (const { path, bytes } of made.files) {
    const to = world.deps.artifacts.path(`releases/one/${path}`);
    await mkdir(dirname(to), { recursive: true });
    await writeFile(to, bytes);
  }
  return { world, manifest };
}

async function makeReleased(config: Record<string, unknown>): Promise<Released> {
  const before = makeWorld(config);
  const { report } = await evaluate(before, { runId: 'before' });
  const { artifacts, codeSha256 } = before.deps;
  const kind: ModelKind = before.deps.config.model === 'ease' ? 'ease' : 'als';
  const files: Released['files'] = [];
  for (const [from, to] of [
    ['evaluate/twin', 'twin'],
    ['train', 'model'],
  ] as const) {
    const folder = artifacts.path(`runs/before/${from}`);
    for (const name of (await readdir(folder)).filter((file) => !file.startsWith('_'))) {
      files.push({ path: `${to}/${name}`, bytes: await readFile(join(folder, name)) });
    }
  }
  const model = {
    uri: 'releases/one/model',
    sha256: '',
    recipe: recipeOf(before.deps.config, codeSha256, kind),
    kind,
  };
  const manifest = {
    ...releaseOf('2024-05-30', model, report),
    releaseId: 'one',
    files: files.map(({ path, bytes }) => ({ path, sha256: sha256(bytes), bytes: bytes.length })),
    config: before.deps.config,
  };
  return { files, manifest };
}
