import { join } from 'node:path';
import type { ArtifactRef, Config } from '../contracts/index.js';
import { type SplitPlan, TRAIN_SHARE } from '../core/split/plans.js';
import type { ArtifactStore, Session } from './deps.js';
import { materialise } from './training-cells.js';

/** Events to read: files, or a SELECT over views of the session. */
type EventSource = { eventFiles: string[] } | { eventsSql: string };

interface PartInput {
  events: EventSource;
  /** Events before it count, decayed as of it. */
  asOf: string;
  films: string[];
  viewers: string[];
  config: Config;
  outPath: string;
  onStep?: (step: string) => void;
}

/** The features stage's builders, as evaluation needs them: the same SQL that builds the night's own interactions. */
export interface SplitBuilders {
  /** Paths of the staged event files that a snapshot pins. */
  snapshotFiles(artifacts: ArtifactStore, snapshot: ArtifactRef): Promise<string[]>;
  /** Interactions to `outPath`, weighted ratings to `ratingPath`. */
  buildTrainPart(session: Session, input: PartInput & { ratingPath: string }): Promise<unknown>;
  buildRelevance(session: Session, input: PartInput & { trainInteractions: string[] }): Promise<unknown>;
}

/** Parquet files of one split. */
export interface SplitParts {
  plan: SplitPlan;
  /** ISO instant of the train part's now. */
  cutAt: string;
  interactions: string;
  relevance: string;
  weightedRating: string;
  /** Per pair of the test part: whether a recommendation caused it, and whether it is old enough to be settled. */
  labels: string;
}

export interface SplitInput {
  asOf: string;
  events: string[];
  films: string[];
  viewers: string[];
  config: Config;
}

/** Builds train interactions, train votes and test relevance of a split into `folder`. */
export async function buildSplit(
  session: Session,
  plan: SplitPlan,
  { asOf, events, films, viewers, config }: SplitInput,
  builders: SplitBuilders,
  folder: string,
  onStep: (step: string) => void,
): Promise<SplitParts> {
  const cutAt = plan.cutoff ?? asOf;
  const parts: SplitParts = {
    plan,
    cutAt,
    interactions: join(folder, `${plan.kind}-interactions.parquet`),
    relevance: join(folder, `${plan.kind}-relevance.parquet`),
    weightedRating: join(folder, `${plan.kind}-weighted-rating.parquet`),
    labels: join(folder, `${plan.kind}-labels.parquet`),
  };
  const common = { films, viewers, config, onStep };
  const { train, test } = await sources(session, plan, events, asOf);
  await builders.buildTrainPart(session, {
    ...common,
    events: train,
    asOf: cutAt,
    outPath: parts.interactions,
    ratingPath: parts.weightedRating,
  });
  await builders.buildRelevance(session, {
    ...common,
    events: test,
    asOf,
    trainInteractions: [parts.interactions],
    outPath: parts.relevance,
  });
  await session.run(`CREATE OR REPLACE TEMP VIEW test_part AS ${test.eventsSql}`);
  await session.set('recommendation_surfaces', config.gate.recommendationSurfaces);
  await session.set('mature_hours', config.gate.matureHours, 'INTEGER');
  onStep('evaluate/labels');
  await session.copyModel('evaluate/labels', parts.labels);
  return parts;
}

/**
 * How many viewers a cut in time can have to measure, at most: a relevant film needs an event in the test part, a positive
 * interaction one in the train part. One look at times, where the split itself takes three passes over all behaviour.
 */
export async function atMostViewers(
  session: Session,
  cutoff: string,
  { events, asOf, config }: SplitInput,
): Promise<number> {
  await session.view('staged_events', events);
  await session.set('as_of_night', asOf, 'TIMESTAMP');
  await session.set('cutoff', cutoff, 'TIMESTAMP');
  await session.set('min_train_positives', config.evaluate.minTrainPositives);
  const [row] = await session.rowsOf<{ viewers: number }>('evaluate/measurable');
  return row?.viewers ?? 0;
}

/** A cut in time needs no copy of the train part: `asOf` ends it. */
async function sources(
  session: Session,
  { cutoff }: SplitPlan,
  events: string[],
  asOf: string,
): Promise<{ train: EventSource; test: { eventsSql: string } }> {
  await session.view('staged_events', events);
  await session.set('as_of_night', asOf, 'TIMESTAMP');
  if (cutoff !== null) {
    await session.set('cutoff', cutoff, 'TIMESTAMP');
    await materialise(session, 'evaluate/test_events');
    return { train: { eventFiles: events }, test: { eventsSql: 'FROM test_events' } };
  }
  await session.set('train_share', TRAIN_SHARE);
  await materialise(session, 'evaluate/parted_events'); // a sort of everything, which a view would do for each reader
  const part = (isTrain: string) => ({
    eventsSql: `SELECT * EXCLUDE (is_train) FROM parted_events WHERE ${isTrain}`,
  });
  return { train: part('is_train'), test: part('NOT is_train') };
}
