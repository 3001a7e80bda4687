import { join } from 'node:path';
import {
  type CatalogueUse,
  type FileSource,
  isCatalogueSource,
  isFileSource,
  type Night,
  nightSchema,
} from '../contracts/index.js';
import type { ExtractResult } from '../contracts/night.js';
import { currentContext } from './context.js';
import type { ActivityContext, ExtractDeps, Session, SourceFile, Watermark } from './deps.js';
import { loadCatalogue, withScratch } from './extract-catalogue.js';
import {
  dropDuplicates,
  type QuarantineSegment,
  readQuarantine,
  readSegments,
  type Segment,
  writeQuarantine,
  writeSegment,
} from './extract-segments.js';
import { sha256 } from '../core/identity/hash.js';
import { catalogueNotes } from './merge-catalogue.js';
import { listSegments, SEGMENTS_FILE } from './suspect-segments.js';
import { writeJsonFile } from './write-json.js';

/** What extraction needs of the worker's dependencies. */
export type ExtractionDeps = Pick<
  ExtractDeps,
  'artifacts' | 'clock' | 'config' | 'datasets' | 'feeds' | 'pidKey' | 'store' | 'warehouse'
>;

export function createExtractActivities(deps: ExtractionDeps) {
  return {
    /**
     * Brings what is new in the operational store and in file sources into `raw/`, refused rows into `quarantine/`, and
     * the current films and viewers into the run. Resumable: finished segments are never read again.
     * Throws InputInvalid when a file lacks a column that the config names.
     */
    async extractSources(input: { night: Night }): Promise<ExtractResult> {
      return extractSources(deps, nightSchema.parse(input.night), currentContext());
    },
  };
}

export async function extractSources(
  deps: ExtractionDeps,
  night: Night,
  context: ActivityContext,
): Promise<ExtractResult> {
  const progress = { step: 'waiting for another extraction' };
  context.heartbeat(progress);
  // One extraction at a time: two would each copy all that is new, which is harmless but twice the work.
  return deps.store.exclusively(
    'matinee/extract',
    () => extractAlone(deps, night, context.signal, (step) => (progress.step = step)),
    context.signal,
  );
}

async function extractAlone(
  deps: ExtractionDeps,
  night: Night,
  signal: AbortSignal,
  onStep: (step: string) => void,
): Promise<ExtractResult> {
  const { artifacts, config } = deps;
  const before = await readSegments(artifacts);
  const written = await withScratch(artifacts.root, `runs/${night.runId}/extract`, (scratch) =>
    deps.warehouse.session(
      async (session) => {
        onStep('films and viewers');
        const run = { night: night.date, runId: night.runId, signal };
        const { newColumns, catalogues } = await loadCatalogue(deps, session, scratch, run);
        const films = await writeCatalogue(deps, session, night, 'films', { catalogues });
        const viewers = await writeCatalogue(deps, session, night, 'viewers');
        onStep('postgres');
        await extractPostgres(deps, session, night, join(scratch, 'events.csv'), before, signal);
        for (const source of config.sources.filter(isFileSource).filter(({ kind }) => kind === 'events')) {
          onStep(source.name);
          await extractFiles(deps, session, night, source, before);
        }
        return { films, viewers, newColumns, catalogues };
      },
      { signal },
    ),
  );
  const { films, viewers, newColumns, catalogues } = written;
  return {
    films,
    viewers,
    notes: catalogues.flatMap(catalogueNotes),
    ...(await summary(deps, night, newColumns)),
  };
}

/** From what is committed, so a resumed attempt reports the whole run. */
async function summary(deps: ExtractionDeps, night: Night, catalogueColumns: string[]) {
  const segments = await readSegments(deps.artifacts);
  const ofThisRun = segments.filter(({ facts }) => facts.runId === night.runId);
  // A feed's refused rows are judged against its own (maxRefusedShare), not among the night's events.
  const feeds = new Set(deps.config.sources.filter(isCatalogueSource).map(({ name }) => name));
  const quarantine = await readQuarantine(deps.artifacts);
  const refused = quarantine.filter(({ facts }) => facts.runId === night.runId && !feeds.has(facts.source));
  const byReason: Record<string, number> = {};
  for (const { facts } of refused) {
    for (const [reason, n] of Object.entries(facts.byReason)) byReason[reason] = (byReason[reason] ?? 0) + n;
  }
  return {
    segments: await writeSegmentList(deps, night, segments, quarantine),
    extracted: ofThisRun.reduce((sum, { rows }) => sum + rows, 0),
    quarantined: { total: refused.reduce((sum, { rows }) => sum + rows, 0), byReason },
    newColumns: [
      ...catalogueColumns,
      ...ofThisRun.flatMap(({ facts }) => facts.newColumns.map((column) => `${facts.source}.${column}`)),
    ],
  };
}

/** By reference: a year of nights has more segments than a message should carry. */
async function writeSegmentList(
  { artifacts, config }: ExtractionDeps,
  night: Night,
  segments: Segment[],
  quarantine: QuarantineSegment[],
) {
  const list = await listSegments(artifacts, segments, quarantine, config.checks);
  return artifacts.write(
    `runs/${night.runId}/extract/segments`,
    { schema: 'segments/1', inputs: [] },
    async (folder) => ({ files: [await writeJsonFile(folder, SEGMENTS_FILE, list)] }),
  );
}

async function writeCatalogue(
  deps: ExtractionDeps,
  session: Session,
  night: Night,
  what: 'films' | 'viewers',
  facts: { catalogues?: CatalogueUse[] } = {},
) {
  await session.set('buckets', deps.config.lists.buckets, 'INTEGER');
  const uri = `runs/${night.runId}/extract/${what}`;
  return deps.artifacts.write(uri, { schema: `${what}/1`, inputs: [] }, async (folder) => ({
    files: [await session.copyModel(`extract/${what}`, join(folder, `${what}.parquet`))],
    facts,
  }));
}

/**
 * One segment with all that was committed since the last watermark; none when there is nothing.
 * The segment is named by where it starts. Should two extractions race all the same, one segment wins, and the rows that
 * the other had read further lie above the winner's watermark and come next time.
 */
async function extractPostgres(
  deps: ExtractionDeps,
  session: Session,
  night: Night,
  csv: string,
  before: Segment[],
  signal: AbortSignal,
): Promise<void> {
  const since = lastWatermark(before);
  const { rows, watermark } = await deps.store.extractEvents(since, csv, signal);
  if (rows === 0) return;
  const from = since?.system === watermark.system ? since.xmin : '0';
  const system = sha256(watermark.system).slice(0, 8);
  const raw = `raw/postgres/day=${night.date}/${from}-${system}`;
  const refusedUri = `quarantine/postgres/day=${night.date}/${from}-${watermark.xmin}-${system}`;

  await session.set('copied_file', csv);
  await session.run(
    `CREATE OR REPLACE TEMP MACRO fields_of(cells, session_id := NULL::VARCHAR) AS
     with_session(to_json(cells)::VARCHAR, session_id)`,
  );
  await session.run(
    `CREATE OR REPLACE TEMP VIEW source_rejects AS
     SELECT NULL::BIGINT AS line, NULL::VARCHAR AS raw, NULL::VARCHAR AS reason WHERE false`,
  );
  await check(session, 'copied_events');
  const common = { source: 'postgres', runId: night.runId };
  const quarantine = await writeQuarantine(
    deps.artifacts,
    session,
    refusedUri,
    { ...common, kind: 'events', of: raw, raw, replaces: null, columns: {}, type: null, valueScale: 1 },
    null,
  );
  await writeSegment(deps.artifacts, session, raw, {
    ...common,
    duplicates: 0, // event_id is the store's primary key
    quarantine,
    unknownColumns: [],
    newColumns: [],
    watermark,
  });
}

/** The furthest one of the system that was read last. */
function lastWatermark(segments: Segment[]): Watermark | null {
  const marks = segments
    .toSorted((a, b) => (a.createdAt < b.createdAt ? -1 : 1))
    .flatMap(({ facts }) => facts.watermark ?? []);
  const newest = marks.at(-1);
  if (newest === undefined) return null;
  return marks
    .filter(({ system }) => system === newest.system)
    .reduce((a, b) => (BigInt(a.xmin) >= BigInt(b.xmin) ? a : b));
}

/** Files that no segment of this source was made of: what counts is content, not name or time. */
async function extractFiles(
  deps: ExtractionDeps,
  session: Session,
  night: Night,
  source: FileSource,
  before: Segment[],
): Promise<void> {
  const ours = before.filter(({ facts }) => facts.source === source.name);
  const done = new Set(ours.map(({ facts }) => facts.file?.sha256));
  const known = new Set(ours.flatMap(({ facts }) => facts.unknownColumns));
  for (const file of await deps.datasets.match(session, source)) {
    if (done.has(file.sha256)) continue;
    done.add(file.sha256);
    const unknown = await extractFile(deps, session, night, source, file, known);
    for (const column of unknown) known.add(column);
  }
}

async function extractFile(
  deps: ExtractionDeps,
  session: Session,
  night: Night,
  source: FileSource,
  file: SourceFile,
  known: Set<string>,
): Promise<string[]> {
  const segment = file.sha256.slice(0, 12);
  const raw = `raw/${source.name}/day=${night.date}/${segment}`;
  const unknownColumns = await deps.datasets.open(session, source, file.path);
  await session.set('source_name', source.name);
  await session.set('default_type', source.type ?? null, 'VARCHAR');
  await session.set('value_scale', 1, 'DOUBLE');
  await check(session, 'file_events');
  const duplicates = await dropDuplicates(session);
  const common = { source: source.name, runId: night.runId };
  const { columns, type = null } = source;
  const quarantine = await writeQuarantine(
    deps.artifacts,
    session,
    `quarantine/${source.name}/day=${night.date}/${segment}`,
    { ...common, kind: 'events', of: raw, raw, replaces: null, columns, type, valueScale: 1 },
    file.path,
  );
  await writeSegment(deps.artifacts, session, raw, {
    ...common,
    duplicates,
    quarantine,
    unknownColumns,
    newColumns: unknownColumns.filter((column) => !known.has(column)),
    file,
  });
  return unknownColumns;
}

/** Reads a source once, to its end, into `checked`; `typed` is the model that gives its rows their types. */
export async function check(session: Session, typed: 'copied_events' | 'file_events'): Promise<void> {
  await session.model(`extract/${typed}`);
  await session.run(`CREATE OR REPLACE TEMP VIEW typed_events AS FROM ${typed}`);
  await session.model('extract/checked_events');
  await session.run('CREATE OR REPLACE TEMP TABLE checked AS FROM checked_events');
}
