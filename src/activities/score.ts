import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { z } from 'zod';
import { type ArtifactRef, artifactRefSchema, nightSchema, type WorkDone } from '../contracts/index.js';
import { EVIDENCE_KINDS } from '../core/explain/reason.js';
import { currentContext } from './context.js';
import type { ActivityContext, ActivityDeps, Produced, Session } from './deps.js';
import { FILM_INDEX_FILE, FORMULA_FILE } from './formula.js';
import { readModel } from './model-files.js';
import { type ScoredUnit, type ScoreJob, UNIT_VIEWERS } from './score-units.js';

const LISTS_SCHEMA = 'lists/1';
export const LISTS_FILE = 'lists.parquet';
export const VIEWERS_FILE = 'viewers.parquet';

export const planBucketsInputSchema = z.object({ viewers: artifactRefSchema });
export type PlanBucketsInput = z.input<typeof planBucketsInputSchema>;
/** Neighbouring buckets that are scored together, both ends included. */
export interface BucketRange {
  bucket: number;
  through: number;
  viewers: number;
}

export const scoreBucketInputSchema = z.object({
  night: nightSchema,
  bucket: z.number().int().min(0),
  /** Last bucket of the range; absent: `bucket` alone. */
  through: z.number().int().min(0).optional(),
  features: z.object({ interactions: artifactRefSchema, viewers: artifactRefSchema }),
  /** null: everybody gets the formula's list. */
  model: artifactRefSchema.nullable(),
  formula: artifactRefSchema,
});
export type ScoreBucketInput = z.input<typeof scoreBucketInputSchema>;
type ScoreBucket = z.infer<typeof scoreBucketInputSchema>;

const two = (bucket: number) => String(bucket).padStart(2, '0');

/** Every activity costs a third of a second to begin (threads, session, factors), so small buckets share one. */
function rangesOf(buckets: { bucket: number; viewers: number }[], viewersAtOnce: number): BucketRange[] {
  const ranges: BucketRange[] = [];
  for (const { bucket, viewers } of buckets) {
    const last = ranges.at(-1);
    if (last !== undefined && last.viewers + viewers <= viewersAtOnce) {
      last.through = bucket;
      last.viewers += viewers;
    } else {
      ranges.push({ bucket, through: bucket, viewers });
    }
  }
  return ranges;
}

type ScoreDeps = Pick<ActivityDeps, 'config' | 'artifacts' | 'warehouse' | 'threads'>;

export function createScoreActivities(deps: ScoreDeps) {
  return {
    /** The buckets that have viewers, small ones put together. `viewers` = feat_viewer. */
    async planBuckets(input: PlanBucketsInput): Promise<BucketRange[]> {
      const { viewers } = planBucketsInputSchema.parse(input);
      return deps.warehouse.session(async (session) => {
        await session.view('feat_viewer', await deps.artifacts.files(viewers));
        const buckets = await session.rows<{ bucket: number; viewers: number }>(
          'SELECT bucket, count(*)::INTEGER AS viewers FROM feat_viewer GROUP BY bucket ORDER BY bucket',
        );
        return rangesOf(buckets, deps.config.lists.viewersAtOnce);
      });
    },

    /** Writes runs/<runId>/score/bucket-NN[-NN]: a row per viewer and per place of its list. CPU work runs in threads. */
    async scoreBucket(input: ScoreBucketInput): Promise<ArtifactRef> {
      const context = currentContext();
      const job = scoreBucketInputSchema.parse(input);
      const { night, bucket, features, model, formula } = job;
      const through = job.through ?? bucket;
      const name = through === bucket ? `bucket-${two(bucket)}` : `bucket-${two(bucket)}-${two(through)}`;
      const inputs = [features.interactions, features.viewers, formula, ...(model === null ? [] : [model])];
      const progress: WorkDone = { done: 0, of: 0, unit: 'viewers' };
      context.heartbeat(progress);
      const produce = (folder: string) =>
        deps.warehouse.session(
          async (session) => {
            const work = await readBucket(deps, session, job);
            progress.of = work.pids.length;
            await scoreInThreads(deps, work, folder, context, (viewers) => (progress.done = viewers));
            return writeTables(session, folder);
          },
          { signal: context.signal },
        );
      const uri = `runs/${night.runId}/score/${name}`;
      if (model === null) await removeByModel(deps, uri, inputs.length);
      return deps.artifacts.write(uri, { schema: LISTS_SCHEMA, inputs }, produce);
    },
  };
}

/** Lists of a model whose release was too slow to be served, and which gave way in this very run. */
async function removeByModel({ artifacts }: ScoreDeps, uri: string, inputs: number): Promise<void> {
  const committed = await artifacts.read(uri);
  if (committed !== null && committed.inputs.length > inputs) await artifacts.remove(uri);
}

async function readBucket(deps: ScoreDeps, session: Session, input: ScoreBucket): Promise<ScoreJob> {
  const { bucket, features, formula, model } = input;
  const { lists, eligibility, blend, ages } = deps.config;
  const formulaFolder = deps.artifacts.path(formula.uri);
  await session.view('feat_viewer', await deps.artifacts.files(features.viewers));
  await session.view('interactions', await deps.artifacts.files(features.interactions));
  await session.view('film_index', [join(formulaFolder, FILM_INDEX_FILE)]);
  await session.set('first_bucket', bucket, 'INTEGER');
  await session.set('last_bucket', input.through ?? bucket, 'INTEGER');
  await session.set('evidence_kinds', [...EVIDENCE_KINDS]);
  await session.model('score/bucket_viewers');
  await session.model('score/bucket_history');
  const viewers = await session.rows<ViewerRow>(
    'SELECT pid::VARCHAR AS pid, market, max_age, is_personal FROM bucket_viewers ORDER BY viewer_row',
  );
  return {
    formulaPath: join(formulaFolder, FORMULA_FILE),
    model: model === null ? null : await readModel(deps, model),
    config: { lists, eligibility, blend, ages },
    pids: viewers.map((viewer) => viewer.pid),
    markets: viewers.map((viewer) => viewer.market),
    maxAge: Int32Array.from(viewers, (viewer) => viewer.max_age),
    isPersonal: Uint8Array.from(viewers, (viewer) => Number(viewer.is_personal)),
    ...(await readHistory(session, viewers.length)),
  };
}
interface ViewerRow {
  pid: string;
  market: string;
  max_age: number;
  is_personal: boolean;
}

/** Interactions in compressed rows, in memory that threads share. */
async function readHistory(
  session: Session,
  viewers: number,
): Promise<Pick<ScoreJob, 'start' | 'film' | 'weightMicro' | 'flags'>> {
  const [counted] = await session.rows<{ n: number }>('SELECT count(*)::INTEGER AS n FROM bucket_history');
  const cells = counted?.n ?? 0;
  const [start, film, weightMicro, flags] = [
    sharedInts(viewers + 1),
    sharedInts(cells),
    sharedInts(cells),
    sharedInts(cells),
  ];
  let at = 0;
  await session.stream(
    `SELECT viewer_row, film_index, weight_micro, flags FROM bucket_history ORDER BY viewer_row, film_index`,
    ([viewerRow, filmIndex, weight, flag], rows) => {
      film.set(filmIndex!, at);
      weightMicro.set(weight!, at);
      flags.set(flag!, at);
      for (let r = 0; r < rows; r++) start[viewerRow![r]! + 1]!++;
      at += rows;
    },
  );
  for (let v = 0; v < viewers; v++) start[v + 1]! += start[v]!;
  return { start, film, weightMicro, flags };
}

function sharedInts(length: number): Int32Array {
  return new Int32Array(new SharedArrayBuffer(length * 4));
}

const LISTS_NDJSON = 'lists.ndjson';
const VIEWERS_NDJSON = 'viewers.ndjson';

/** Threads return rows in any order of units; the tables are sorted when they become Parquet. */
async function scoreInThreads(
  deps: ScoreDeps,
  job: ScoreJob,
  folder: string,
  { signal }: ActivityContext,
  onViewers: (done: number) => void,
): Promise<void> {
  const units = Math.ceil(job.pids.length / UNIT_VIEWERS);
  const crew = await deps.threads.crew({
    module: new URL('./score-units.js', import.meta.url),
    data: job,
    threads: Math.max(1, Math.min(deps.config.ials.threads, units)),
    signal,
  });
  const lists = createWriteStream(join(folder, LISTS_NDJSON));
  const viewers = createWriteStream(join(folder, VIEWERS_NDJSON));
  const written = Promise.all([finished(lists), finished(viewers)]);
  written.catch(() => undefined); // a full disk is met below, not as an unhandled rejection
  try {
    await crew.run('score', units, {
      onResult(_unit, result) {
        const unit = result as ScoredUnit;
        lists.write(unit.lists);
        viewers.write(unit.viewers);
      },
      onProgress: (done) => onViewers(Math.min(done * UNIT_VIEWERS, job.pids.length)),
    });
  } finally {
    await crew.stop();
    lists.end();
    viewers.end();
    await written;
  }
}

async function writeTables(session: Session, folder: string): Promise<Produced> {
  const [listRows, viewerRows] = [join(folder, LISTS_NDJSON), join(folder, VIEWERS_NDJSON)];
  await session.set('lists_ndjson', listRows);
  await session.set('viewers_ndjson', viewerRows);
  const files = [
    await session.copyModel('score/lists', join(folder, LISTS_FILE)),
    await session.copyModel('score/viewers', join(folder, VIEWERS_FILE)),
  ];
  await session.view('scored', [join(folder, VIEWERS_FILE)]);
  const served = await session.rows<{ served_by: string; viewers: number }>(
    'SELECT served_by, count(*)::INTEGER AS viewers FROM scored GROUP BY served_by ORDER BY served_by',
  );
  await Promise.all([rm(listRows), rm(viewerRows)]);
  return { files, facts: Object.fromEntries(served.map((row) => [row.served_by, row.viewers])) };
}
