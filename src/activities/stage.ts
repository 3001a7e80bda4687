import { join } from 'node:path';
import { z } from 'zod';
import {
  refOf,
  type ArtifactRef,
  type Night,
  type SnapshotRef,
  type StageInput,
  stageInputSchema,
} from '../contracts/index.js';
import { RAW_EVENT_COLUMNS } from './columns.js';
import { currentContext } from './context.js';
import type { ActivityContext, ActivityDeps, Session } from './deps.js';
import { permanentFailure } from './failures.js';
import { sha256 } from '../core/identity/hash.js';
import { readJson } from './read-json.js';
import { EVENTS_FILE } from './snapshot.js';
import { SEGMENTS_FILE, segmentListSchema } from './suspect-segments.js';
import { writeArtifactFile } from './write-json.js';

const MODELS = ['stage/events', 'stage/events_of_day'];
const DAY_MS = 86_400_000;
/** Raw rows that one pass holds in memory. */
const ROWS_PER_PASS = 4_000_000;

/** A raw segment and how many of its events fall on which day. */
interface Segment {
  ref: ArtifactRef;
  days: Record<string, number>;
}
/** One day as it must be: which segments hold it decides its version, and so whether it exists already. */
interface DayPlan {
  day: string;
  uri: string;
  rows: number;
  segments: Segment[];
}

const segmentFactsSchema = z.object({ days: z.record(z.string(), z.number().int()).optional() });
const dayFactsSchema = z.object({ repeats: z.number().int() });
/** Heartbeat details: days rewritten by this and earlier attempts, so that a resumed night counts them once. */
const progressSchema = z.object({ changedDays: z.number().int() });

export function createStageActivities(deps: ActivityDeps) {
  return {
    /**
     * Raw segments → the night's snapshot. Each event day is one immutable version, named by what it was made from; only
     * days without their version are written, whole, from every segment that has a row of them: a late event reopens its
     * day. Days up to night D within `feedback.historyDays` are pinned; later ones are staged for the nights to come.
     */
    stageEvents: async (input: StageInput): Promise<SnapshotRef> => {
      const { night, segments: listed } = stageInputSchema.parse(input);
      const context = currentContext();
      const { segments: uris } = await readJson(deps.artifacts, listed, SEGMENTS_FILE, segmentListSchema);
      const first = firstDay(night, deps.config.feedback.historyDays);
      const segments = await readSegments(deps, uris, context);
      const plans = await planDays(deps, segments, first);
      const changedDays = await writeMissingDays(deps, plans, context);
      const pinned = plans.filter(({ day }) => day <= night.date);
      if (pinned.length === 0) {
        throw permanentFailure(
          'NoData',
          `no events from ${first} to ${night.date} in ${uris.length} raw segments: import or post some first`,
        );
      }
      const events = await pinDays(deps, night, pinned, changedDays);
      return {
        events,
        films: await extracted(deps, night, 'films'),
        viewers: await extracted(deps, night, 'viewers'),
        days: pinned.length,
        changedDays,
      };
    },
  };
}

const firstDay = (night: Night, historyDays: number): string =>
  new Date(Date.parse(night.asOf) - historyDays * DAY_MS).toISOString().slice(0, 10);

async function readSegments(
  deps: ActivityDeps,
  uris: string[],
  context: ActivityContext,
): Promise<Segment[]> {
  const segments: Segment[] = [];
  for (const uri of uris.toSorted()) {
    const manifest = await deps.artifacts.read(uri);
    if (manifest === null) {
      throw permanentFailure(
        'ArtifactCorrupt',
        `raw segment ${uri}: expected a committed artefact, found none`,
      );
    }
    const ref = refOf(uri, manifest);
    const { days } = segmentFactsSchema.parse(manifest.facts);
    segments.push({ ref, days: days ?? (await countDays(deps, ref, context)) });
  }
  return segments;
}

async function countDays(
  deps: ActivityDeps,
  segment: ArtifactRef,
  context: ActivityContext,
): Promise<Record<string, number>> {
  const files = await deps.artifacts.files(segment);
  const rows = await deps.warehouse.session(
    async (session) => {
      await session.view('raw_events', files, RAW_EVENT_COLUMNS);
      return session.rowsOf<{ event_date: string; count_rows: number }>('stage/rows_by_day');
    },
    { signal: context.signal },
  );
  return Object.fromEntries(rows.map(({ event_date, count_rows }) => [event_date, count_rows]));
}

/** The version of a day: hash of what its segments contain, of the staging SQL and of the number of buckets. */
async function planDays(deps: ActivityDeps, segments: Segment[], first: string): Promise<DayPlan[]> {
  const made = `${await deps.warehouse.fingerprint(MODELS)} ${deps.config.lists.buckets}`;
  const days = new Set(segments.flatMap(({ days }) => Object.keys(days)));
  return [...days]
    .filter((day) => day >= first)
    .sort()
    .map((day) => {
      const holding = segments.filter(({ days }) => (days[day] ?? 0) > 0);
      const contents = holding.map(({ ref }) => ref.sha256).sort();
      const version = sha256([made, ...contents].join('\n')).slice(0, 12);
      const rows = holding.reduce((sum, { days }) => sum + (days[day] ?? 0), 0);
      return { day, uri: `events/day=${day}/v=${version}`, rows, segments: holding };
    })
    .filter(({ rows }) => rows > 0);
}

async function writeMissingDays(
  deps: ActivityDeps,
  plans: DayPlan[],
  context: ActivityContext,
): Promise<number> {
  const missing: DayPlan[] = [];
  for (const plan of plans) if ((await deps.artifacts.read(plan.uri)) === null) missing.push(plan);
  const before = progressSchema.safeParse(context.resume);
  let changedDays = before.success ? before.data.changedDays : 0;
  const progress = () => ({ changedDays, missing: missing.length });

  for (const batch of batches(missing)) {
    await deps.warehouse.session(
      async (session) => {
        context.heartbeat(progress());
        await loadBatch(deps, session, batch);
        for (const plan of batch) {
          context.signal.throwIfAborted();
          await writeDay(deps, session, plan);
          changedDays += 1;
          context.heartbeat(progress());
        }
      },
      { signal: context.signal },
    );
  }
  return changedDays;
}

/** Neighbouring days together, up to what fits into memory; a single larger day is a batch of its own. */
function batches(plans: DayPlan[]): DayPlan[][] {
  const found: DayPlan[][] = [];
  let rows = Infinity;
  for (const plan of plans) {
    if (rows + plan.rows > ROWS_PER_PASS) {
      found.push([]);
      rows = 0;
    }
    found.at(-1)?.push(plan);
    rows += plan.rows;
  }
  return found;
}

/** The batch's days, typed, deduplicated and sorted, as table `events` of the session. */
async function loadBatch(deps: ActivityDeps, session: Session, batch: DayPlan[]): Promise<void> {
  const segments = new Set(batch.flatMap((plan) => plan.segments));
  const files: string[] = [];
  for (const { ref } of segments) files.push(...(await deps.artifacts.files(ref)));
  await session.set('buckets', deps.config.lists.buckets, 'INTEGER');
  await session.set(
    'days',
    batch.map(({ day }) => day),
    'DATE[]',
  );
  await session.view('raw_events', files, RAW_EVENT_COLUMNS);
  await session.table('stage/events');
}

async function writeDay(deps: ActivityDeps, session: Session, plan: DayPlan): Promise<void> {
  const inputs = plan.segments.map(({ ref }) => ref);
  await deps.artifacts.write(plan.uri, { schema: 'events/1', inputs }, async (folder) => {
    await session.set('event_date', plan.day, 'TIMESTAMP');
    const file = await session.copyModel('stage/events_of_day', join(folder, EVENTS_FILE));
    return { files: [file], facts: { repeats: plan.rows - file.rows } };
  });
}

/**
 * The snapshot: its manifest's inputs pin the day versions, its one file says each day's content. So the artefact's hash
 * is of what the days hold, not of the segments they happened to come in.
 */
async function pinDays(
  deps: ActivityDeps,
  night: Night,
  pinned: DayPlan[],
  changedDays: number,
): Promise<ArtifactRef> {
  const versions: ArtifactRef[] = [];
  let repeats = 0;
  for (const { uri } of pinned) {
    const manifest = await deps.artifacts.read(uri);
    if (manifest === null) throw new Error(`${uri} went away while night ${night.date} was staged`);
    versions.push(refOf(uri, manifest));
    repeats += dayFactsSchema.parse(manifest.facts).repeats;
  }
  const index = versions.map(({ sha256, rows }, i) => ({ day: pinned[i]?.day ?? '', sha256, rows }));
  const text = JSON.stringify(index, null, 1);
  return deps.artifacts.write(
    `runs/${night.runId}/stage/events`,
    { schema: 'snapshot/1', inputs: versions },
    async (folder) => {
      const sum = (of: (ref: ArtifactRef) => number) => versions.reduce((total, ref) => total + of(ref), 0);
      return {
        files: [
          {
            ...(await writeArtifactFile(
              folder,
              'days.json',
              text,
              sum((ref) => ref.rows),
            )),
            bytes: sum((ref) => ref.bytes),
          },
        ],
        facts: {
          firstDay: pinned[0]?.day,
          lastDay: pinned.at(-1)?.day,
          days: pinned.length,
          changedDays,
          repeats,
        },
      };
    },
  );
}

/** Films and viewers come out of extraction in their final form. */
async function extracted(deps: ActivityDeps, night: Night, what: 'films' | 'viewers'): Promise<ArtifactRef> {
  const uri = `runs/${night.runId}/extract/${what}`;
  const manifest = await deps.artifacts.read(uri);
  if (manifest === null) {
    throw permanentFailure('NoData', `${what} of the night: expected the artefact ${uri}, found none`);
  }
  return refOf(uri, manifest);
}
