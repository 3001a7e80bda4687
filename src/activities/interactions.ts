import type { Config } from '../contracts/index.js';
import { EVENT_COLUMNS, INTERACTION_COLUMNS } from './columns.js';
import type { Session } from './deps.js';
import { setBuckets, setFeedbackVariables } from './feedback-variables.js';

/** Behaviour to read: Parquet files of staged events, or a SELECT over views of the session with the same columns (a cut). */
export type EventSource = { eventFiles: string[] } | { eventsSql: string };

export interface FeedbackInput {
  events: EventSource;
  /** T: events before it count, decayed as of it (ISO instant). */
  asOf: string;
  /** Parquet files of films and of viewers. */
  films: string[];
  viewers: string[];
  config: Config;
  /** Called after each step, to heartbeat. */
  onStep?: (step: string) => void;
}

export type ParquetFile = Awaited<ReturnType<Session['copy']>>;

/** Rows of usable events that one pass holds in memory; more are worked through bucket range by bucket range. */
const ROWS_PER_PASS = 2_000_000;

/**
 * Behaviour → interactions (science A.3), written to `outPath` sorted by (bucket, pid, film_id). A pure function of the
 * events before `asOf`: the same for a night and for the training part of a split. Leaves the table `interactions` behind
 * in the session. Bytes do not depend on threads or on the number of passes.
 */
export async function buildInteractions(
  session: Session,
  input: FeedbackInput & { outPath: string; rowsPerPass?: number },
): Promise<ParquetFile> {
  await prepareFeedback(session, input);
  await eachPass(session, input, ['features/interactions']);
  return session.copyModel('features/sorted_interactions', input.outPath);
}

/** The train part of a split: interactions, and weighted ratings beside them, out of one pass over the same events. */
export async function buildTrainPart(
  session: Session,
  input: FeedbackInput & { outPath: string; ratingPath: string; rowsPerPass?: number },
): Promise<void> {
  await prepareFeedback(session, input);
  await eachPass(session, input, ['features/interactions', 'marts/votes']);
  await session.copyModel('features/sorted_interactions', input.outPath);
  await copyWeightedRating(session, input.ratingPath);
}

/**
 * The relevant pairs of a test window (science C.4): bucket, pid, film_id. `events` must be the test part alone;
 * `trainInteractions` are the files of `buildInteractions` over the training part: what was seen there is not relevant.
 */
export async function buildRelevance(
  session: Session,
  input: FeedbackInput & { trainInteractions: string[]; outPath: string; rowsPerPass?: number },
): Promise<ParquetFile> {
  await session.view('train_interactions', input.trainInteractions, INTERACTION_COLUMNS);
  await prepareFeedback(session, input);
  await eachPass(session, input, ['features/relevance']);
  return session.copyModel('features/sorted_relevance', input.outPath);
}

/** What the weighted rating was made with (science B): prior weight m, mean vote c, number of eligible votes. */
export interface RatingPrior {
  m: number;
  c: number;
  votes: number;
}

/** The mart from the session's `votes` and `films`. */
export async function copyWeightedRating(
  session: Session,
  outPath: string,
): Promise<{ file: ParquetFile; prior: RatingPrior }> {
  await session.table('marts/rating_prior');
  const [prior] = await session.rows<RatingPrior>('FROM rating_prior');
  if (prior === undefined) throw new Error('marts/rating_prior gave no row, expected exactly one');
  return { file: await session.copyModel('marts/mart_weighted_rating', outPath), prior };
}

/** Inputs as views, parameters, and what must be known over all buckets before the first pass: filters and rating means. */
export async function prepareFeedback(session: Session, input: FeedbackInput): Promise<void> {
  const step = input.onStep ?? (() => {});
  await setFeedbackVariables(session, input.config, input.asOf);
  if ('eventFiles' in input.events) {
    await session.view('source_events', input.events.eventFiles, EVENT_COLUMNS);
  } else {
    await session.run(`CREATE OR REPLACE TEMP VIEW source_events AS ${input.events.eventsSql}`);
  }
  await session.view('films', input.films);
  await session.view('viewers', input.viewers);
  await session.model('features/consented_events');
  for (const model of ['features/bot_days', 'features/brigades']) {
    await session.table(model);
    step(model);
  }
  await session.model('features/usable_events');
  for (const model of ['features/newest_ratings', 'features/midpoints']) {
    await session.table(model);
    step(model);
  }
}

const PASS_TABLES = [
  'features/pass_events',
  'features/plays',
  'features/sittings',
  'features/viewings',
  'features/watches',
  'features/pairs',
] as const;

/** Computes the signals of one bucket range after another and appends the rows of `outputs` to tables of their names. */
export async function eachPass(
  session: Session,
  { config, onStep, rowsPerPass = ROWS_PER_PASS }: FeedbackInput & { rowsPerPass?: number },
  outputs: string[],
): Promise<void> {
  for (const output of outputs)
    await session.run(`DROP TABLE IF EXISTS ${output.slice(output.indexOf('/') + 1)}`);
  for (const [from, to] of await bucketRanges(session, config.lists.buckets, rowsPerPass)) {
    await setBuckets(session, from, to);
    for (const model of PASS_TABLES) {
      await session.table(model);
      onStep?.(`${model} ${from}-${to}`);
    }
    await session.model('features/opinions');
    await session.table('features/passed_by');
    await session.table('features/repeated');
    await session.model('features/signals');
    await session.table('features/evidence');
    for (const output of outputs) {
      await session.append(output);
      onStep?.(`${output} ${from}-${to}`);
    }
  }
}

/** Equal ranges of buckets with about `rowsPerPass` events each. */
async function bucketRanges(
  session: Session,
  buckets: number,
  rowsPerPass: number,
): Promise<[from: number, to: number][]> {
  const [counted] = await session.rows<{ n: number }>('SELECT count(*)::DOUBLE AS n FROM source_events');
  const passes = Math.min(buckets, Math.max(1, Math.ceil((counted?.n ?? 0) / rowsPerPass)));
  const width = Math.ceil(buckets / passes);
  return Array.from({ length: Math.ceil(buckets / width) }, (_, i) => [
    i * width,
    Math.min(buckets, (i + 1) * width) - 1,
  ]);
}
