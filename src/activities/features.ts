import { join } from 'node:path';
import {
  refOf,
  type ArtifactRef,
  type Config,
  type FeaturesRef,
  type FeaturesInput,
  featuresInputSchema,
} from '../contracts/index.js';
import { type ProfileMaxAge, setAgeLimits } from './age-limits.js';
import { runChecks, sentenceOf } from './check.js';
import { currentContext } from './context.js';
import type { ActivityDeps, Produced, Session } from './deps.js';
import { permanentFailure } from './failures.js';
import { copyWeightedRating, eachPass, type FeedbackInput, prepareFeedback } from './interactions.js';
import { copyPopularity } from './popularity.js';
import { snapshotFiles } from './snapshot.js';

type FeaturesDeps = Pick<ActivityDeps, 'config' | 'artifacts' | 'warehouse'>;

type Table = 'interactions' | 'feat_viewer' | 'feat_film' | 'mart_weighted_rating' | 'mart_popularity';
const tableUri = (runId: string, table: Table) => `runs/${runId}/features/${table}`;

export function createFeaturesActivities(deps: FeaturesDeps, profileMaxAge: ProfileMaxAge) {
  return {
    /**
     * Snapshot → interactions, viewer and film features, weighted ratings, popularity: `runs/<runId>/features/<table>/<table>.parquet`.
     * Rebuilt whole every night, because decay, midpoints and caps are not additive.
     */
    buildFeatures: async (input: FeaturesInput): Promise<FeaturesRef> => {
      const { night, snapshot } = featuresInputSchema.parse(input);
      const context = currentContext();
      const done = await committed(deps, night.runId);
      if (done !== null) return done;
      const inputs = [snapshot.events, snapshot.films, snapshot.viewers];
      const progress = { step: 'opening the snapshot' };

      const feedback: FeedbackInput = {
        events: { eventFiles: await snapshotFiles(deps.artifacts, snapshot.events) },
        asOf: night.asOf,
        films: await deps.artifacts.files(snapshot.films),
        viewers: await deps.artifacts.files(snapshot.viewers),
        config: deps.config,
        onStep: (finished) => {
          context.signal.throwIfAborted();
          progress.step = finished;
        },
      };
      const build = async (session: Session): Promise<FeaturesRef> => {
        const write = tableWriter(deps, session, { runId: night.runId, inputs });
        await prepareFeedback(session, feedback);
        await eachPass(session, feedback, ['features/interactions', 'marts/votes']);
        await setAgeLimits(session, deps.config, night.asOf, profileMaxAge);
        return {
          interactions: await write('interactions', async (path) => ({
            files: [await session.copyModel('features/sorted_interactions', path)],
            facts: await leftOut(session),
          })),
          viewers: await write('feat_viewer', async (path) => ({
            files: [await session.copyModel('features/feat_viewer', path)],
          })),
          films: await write('feat_film', async (path) => ({
            files: [await session.copyModel('features/feat_film', path)],
          })),
          ...(await ratingsAndPopularity(session, deps.config, write)),
        };
      };
      context.heartbeat(progress);
      return deps.warehouse.session(build, { signal: context.signal });
    },

    /** Weighted ratings and popularity alone, for the formula between nights: the same tables that buildFeatures makes. */
    rateFilms: async (input: FeaturesInput): Promise<RatedFilms> => {
      const { night, snapshot } = featuresInputSchema.parse(input);
      const context = currentContext();
      const feedback: FeedbackInput = {
        events: { eventFiles: await snapshotFiles(deps.artifacts, snapshot.events) },
        asOf: night.asOf,
        films: await deps.artifacts.files(snapshot.films),
        viewers: await deps.artifacts.files(snapshot.viewers),
        config: deps.config,
      };
      const inputs = [snapshot.events, snapshot.films, snapshot.viewers];
      const build = async (session: Session): Promise<RatedFilms> => {
        await prepareFeedback(session, feedback);
        await eachPass(session, feedback, ['features/interactions', 'marts/votes']);
        await setAgeLimits(session, deps.config, night.asOf, profileMaxAge);
        const write = tableWriter(deps, session, { runId: night.runId, inputs });
        return ratingsAndPopularity(session, deps.config, write);
      };
      return deps.warehouse.session(build, { signal: context.signal });
    },
  };
}

type WriteTable = (table: Table, produce: (path: string) => Promise<Produced>) => Promise<ArtifactRef>;

/** Each table is an artefact of its own, committed when its keys are unique. */
function tableWriter(
  { artifacts }: FeaturesDeps,
  session: Session,
  { runId, inputs }: { runId: string; inputs: ArtifactRef[] },
): WriteTable {
  return async (table, produce) =>
    artifacts.write(tableUri(runId, table), { schema: `${table}/1`, inputs }, async (folder) => {
      const path = join(folder, `${table}.parquet`);
      const produced = await produce(path);
      await demandUniqueKeys(session, table, path);
      return produced;
    });
}

type RatedFilms = Pick<FeaturesRef, 'weightedRating' | 'popularity'>;

/** From `interactions`, `votes` and what else the session has. */
async function ratingsAndPopularity(
  session: Session,
  config: Config,
  write: WriteTable,
): Promise<RatedFilms> {
  const weightedRating = await write('mart_weighted_rating', async (path) => {
    const { file, prior } = await copyWeightedRating(session, path);
    return { files: [file], facts: { ...prior } };
  });
  const popularity = await write('mart_popularity', async (path) => ({
    files: [await copyPopularity(session, config, path)],
  }));
  return { weightedRating, popularity };
}

/** All five, when an earlier attempt wrote them and only its answer was lost. */
async function committed(deps: FeaturesDeps, runId: string): Promise<FeaturesRef | null> {
  const ref = async (table: Table) => {
    const manifest = await deps.artifacts.read(tableUri(runId, table));
    return manifest === null ? null : refOf(tableUri(runId, table), manifest);
  };
  const interactions = await ref('interactions');
  const viewers = await ref('feat_viewer');
  const films = await ref('feat_film');
  const weightedRating = await ref('mart_weighted_rating');
  const popularity = await ref('mart_popularity');
  if (interactions === null || viewers === null || films === null) return null;
  if (weightedRating === null || popularity === null) return null;
  return { interactions, viewers, films, weightedRating, popularity };
}

/** What the filters held back, for the run's record: the effect of bots and brigades is never silent (science B.4). */
async function leftOut(session: Session): Promise<Record<string, unknown>> {
  const [bots] = await session.rows<{ n: number }>('SELECT count(*)::INTEGER AS n FROM bot_days');
  const brigades = await session.rows(
    'SELECT film_id, event_date::VARCHAR AS event_date, count_votes::INTEGER AS count_votes FROM brigades ORDER BY ALL LIMIT 1000',
  );
  const [population] = await session.rowsOf<{ mean_rating_micro: number; busiest_day: number | null }>(
    'features/population',
  );
  return { botDays: bots?.n ?? 0, brigades, population };
}

/** Before the artefact is committed: a repeated key would be counted twice by every stage that joins it. */
async function demandUniqueKeys(session: Session, table: Table, path: string): Promise<void> {
  // The interactions that were written are still a table of that name.
  if (table !== 'interactions') await session.view(table, [path]);
  const lines = await runChecks(session, [`unique_${table}`]);
  if (lines.length > 0) throw permanentFailure('ArtifactCorrupt', lines.map(sentenceOf).join('; '));
}
