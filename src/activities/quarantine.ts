import { join } from 'node:path';
import type { QuarantineFacts, SegmentFacts } from '../contracts/night.js';
import { isFileSource } from '../contracts/sources.js';
import type { Session } from './deps.js';
import { check, type ExtractionDeps } from './extract.js';
import { loadCatalogue, withScratch } from './extract-catalogue.js';
import {
  countRefused,
  dropDuplicates,
  QUARANTINE_SCHEMA,
  type QuarantineSegment,
  RAW_SCHEMA,
  readQuarantine,
  readSegments,
} from './extract-segments.js';
import { sha256 } from '../core/identity/hash.js';
import { listSegments, type Suspect } from './suspect-segments.js';

export interface QuarantineList {
  total: number;
  /** A row with several reasons counts under each. */
  groups: { source: string; day: string; reason: string; rows: number }[];
  samples: QuarantinedRow[];
  /** Raw segments that nothing is learnt from until a person decides. */
  suspects: Suspect[];
}
export interface QuarantinedRow {
  source: string;
  kind: string;
  reasons: string[];
  file: string | null;
  line: number | null;
  /** The row's columns as JSON without the viewer's id; null where the line could not be split. */
  fields: string | null;
  raw: string | null;
}

const ROWS = {
  kind: 'VARCHAR',
  file: 'VARCHAR',
  line: 'BIGINT',
  reasons: 'VARCHAR[]',
  pid: 'UUID',
  fields: 'VARCHAR',
  raw: 'VARCHAR',
};
/** The day in `quarantine/<source>/day=<day>/<segment>`: the night, or the day of the import. */
const dayOf = (uri: string) => /\/day=([^/]+)\//.exec(uri)?.[1] ?? '';

/** What is in quarantine: counts by source, day and reason, and up to `samples` rows of each source. */
export async function listQuarantine(
  deps: Pick<ExtractionDeps, 'artifacts' | 'warehouse' | 'config'>,
  filter: { source?: string; samples?: number },
): Promise<QuarantineList> {
  const segments = await segmentsOf(deps, filter.source);
  const groups = new Map<string, QuarantineList['groups'][number]>();
  for (const { uri, facts } of segments) {
    for (const [reason, rows] of Object.entries(facts.byReason)) {
      const group = { source: facts.source, day: dayOf(uri), reason };
      const id = JSON.stringify(group);
      groups.set(id, { ...group, rows: (groups.get(id)?.rows ?? 0) + rows });
    }
  }
  const { suspects } = await listSegments(
    deps.artifacts,
    await readSegments(deps.artifacts),
    await readQuarantine(deps.artifacts),
    deps.config.checks,
  );
  const samples = await deps.warehouse.session(async (session) => {
    const found: QuarantinedRow[] = [];
    for (const [source, uris] of bySource(segments)) {
      await session.view(
        'quarantined',
        uris.map((uri) => rowsFile(deps, uri)),
        ROWS,
      );
      const rows = await session.rows<Omit<QuarantinedRow, 'source'>>(
        'SELECT kind, reasons, file, line::INTEGER AS line, fields, raw FROM quarantined ORDER BY ALL LIMIT $n',
        { n: filter.samples ?? 5 },
      );
      found.push(...rows.map((row) => ({ source, ...row })));
    }
    return found;
  });
  return {
    total: segments.reduce((sum, { rows }) => sum + rows, 0),
    groups: [...groups.values()].toSorted((a, b) => compare(key(a), key(b))),
    samples,
    suspects: suspects.filter(({ segment }) =>
      segment.startsWith(filter.source === undefined ? '' : `${filter.source}/`),
    ),
  };
}
const key = (g: QuarantineList['groups'][number]) => `${g.source} ${g.day} ${g.reason}`;
const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

export interface ReplayReport {
  /** Rows that pass today's rules and are in a raw segment now. */
  replayed: number;
  remaining: number;
  bySource: { source: string; replayed: number; remaining: number }[];
}

/**
 * Checks quarantined events again, by today's rules, mapping and catalogue. Rows that pass become a raw segment and leave
 * the quarantine. In this order: raw segment, what remains, then the old segment goes; a crash in between leaves either
 * the old one, or the new one that replaces it, and a repeated event id is one event. Films and profiles are not
 * replayed: their files are read anew every night.
 */
export async function replayQuarantine(
  deps: ExtractionDeps,
  filter: { source?: string },
  signal?: AbortSignal,
): Promise<ReplayReport> {
  return deps.store.exclusively(
    'matinee/extract',
    async () => {
      const segments = await segmentsOf(deps, filter.source);
      const bySourceName = new Map<string, { source: string; replayed: number; remaining: number }>();
      await withScratch(deps.artifacts.root, 'quarantine/replay', (scratch) =>
        deps.warehouse.session(
          async (session) => {
            await loadCatalogue(deps, session, scratch, { night: today(deps), runId: null });
            for (const segment of segments) {
              const { source, replaces } = segment.facts;
              if (replaces !== null) await deps.artifacts.remove(replaces); // left by a replay that was killed
              const done = await replaySegment(deps, session, segment);
              const sum = bySourceName.get(source) ?? { source, replayed: 0, remaining: 0 };
              sum.replayed += done.replayed;
              sum.remaining += done.remaining;
              bySourceName.set(source, sum);
            }
          },
          signal === undefined ? {} : { signal },
        ),
      );
      const sources = [...bySourceName.values()];
      return {
        replayed: sources.reduce((sum, { replayed }) => sum + replayed, 0),
        remaining: sources.reduce((sum, { remaining }) => sum + remaining, 0),
        bySource: sources,
      };
    },
    signal,
  );
}

async function replaySegment(
  deps: ExtractionDeps,
  session: Session,
  segment: QuarantineSegment,
): Promise<{ replayed: number; remaining: number }> {
  const { facts, rows } = segment;
  if (facts.kind !== 'events') return { replayed: 0, remaining: rows };
  await session.view('quarantined', [rowsFile(deps, segment.uri)], ROWS);
  const { mapping, valueScale } = mappingOf(deps, facts);
  await session.run('CREATE OR REPLACE TEMP TABLE replayable AS FROM quarantined WHERE fields IS NOT NULL');
  await deps.datasets.reopen(session, mapping, 'replayable');
  await session.set('source_name', facts.source);
  await session.set('default_type', mapping.type ?? null, 'VARCHAR');
  await session.set('value_scale', valueScale, 'DOUBLE');
  await check(session, 'file_events');
  const refused = await countRefused(session);
  const [counted] = await session.rows<{ all: number }>('SELECT count(*)::INTEGER AS "all" FROM checked');
  const replayed = (counted?.all ?? 0) - refused.total;
  if (replayed === 0) return { replayed: 0, remaining: rows };

  await writeReplayed(deps, session, segment);
  if (replayed < rows) await writeRemaining(deps, session, segment);
  await deps.artifacts.remove(segment.uri);
  return { replayed, remaining: rows - replayed };
}

async function writeReplayed(deps: ExtractionDeps, session: Session, { uri, facts }: QuarantineSegment) {
  const duplicates = await dropDuplicates(session);
  const days = await session.rows<{ day: string; n: number; ids: string }>(
    `SELECT ts::DATE::VARCHAR AS day, count(*)::INTEGER AS n, md5(string_agg(event_id::VARCHAR, '' ORDER BY event_id)) AS ids
     FROM checked WHERE len(reasons) = 0 GROUP BY 1 ORDER BY 1`,
  );
  // Named by what it holds: the same replay after a crash is the same segment.
  const name = `replay-${digest(uri + days.map(({ ids }) => ids).join(''))}`;
  const raw: SegmentFacts = {
    source: facts.source,
    runId: null,
    days: Object.fromEntries(days.map(({ day, n }) => [day, n])),
    duplicates,
    quarantined: 0,
    byReason: {},
    quarantine: null,
    unknownColumns: [],
    newColumns: [],
  };
  await deps.artifacts.write(
    `raw/${facts.source}/day=${dayOf(uri)}/${name}`,
    { schema: RAW_SCHEMA, inputs: [] },
    async (folder) => ({
      files: [await session.copyModel('extract/raw_events', join(folder, 'events.parquet'))],
      facts: raw,
    }),
  );
}

async function writeRemaining(deps: ExtractionDeps, session: Session, { uri, facts }: QuarantineSegment) {
  await session.run(
    `CREATE OR REPLACE TEMP TABLE remaining AS
     SELECT replayable.* EXCLUDE (reasons), refused.reasons
     FROM replayable
     JOIN (SELECT DISTINCT fields, pid, reasons FROM checked WHERE len(reasons) > 0) AS refused
       ON refused.fields = replayable.fields AND refused.pid IS NOT DISTINCT FROM replayable.pid
     UNION ALL BY NAME FROM quarantined WHERE fields IS NULL`,
  );
  const reasons = await session.rows<{ reason: string; n: number }>(
    'SELECT reason, count(*)::INTEGER AS n FROM (SELECT unnest(reasons) AS reason FROM remaining) GROUP BY 1 ORDER BY 1',
  );
  const [content] = await session.rows<{ ids: string }>(
    `SELECT md5(string_agg(coalesce(fields, '') || coalesce(raw, ''), '' ORDER BY line, fields, raw)) AS ids FROM remaining`,
  );
  const target = `${uri.slice(0, uri.lastIndexOf('/'))}/rest-${digest(uri + (content?.ids ?? ''))}`;
  await deps.artifacts.write(target, { schema: QUARANTINE_SCHEMA, inputs: [] }, async (folder) => ({
    files: [
      await session.copy(
        'SELECT kind, file, line, reasons, pid, fields, raw FROM remaining ORDER BY line, fields, raw, pid',
        join(folder, 'rows.parquet'),
      ),
    ],
    facts: {
      ...facts,
      of: null,
      raw: facts.raw ?? facts.of,
      replaces: uri,
      byReason: Object.fromEntries(reasons.map(({ reason, n }) => [reason, n])),
    } satisfies QuarantineFacts,
  }));
}

/** Today's mapping for a source of the config; for imports and the store, the one they were refused with. */
function mappingOf(deps: ExtractionDeps, facts: QuarantineFacts) {
  const source = deps.config.sources
    .filter(isFileSource)
    .find(({ name, kind }) => name === facts.source && kind === facts.kind);
  const type = source === undefined ? (facts.type ?? undefined) : source.type;
  return {
    mapping: { name: facts.source, kind: facts.kind, columns: source?.columns ?? facts.columns, type },
    valueScale: source === undefined ? facts.valueScale : 1,
  };
}

const segmentsOf = async (deps: Pick<ExtractionDeps, 'artifacts'>, source: string | undefined) =>
  (await readQuarantine(deps.artifacts)).filter(
    ({ facts }) => source === undefined || facts.source === source,
  );
const rowsFile = (deps: Pick<ExtractionDeps, 'artifacts'>, uri: string) =>
  deps.artifacts.path(`${uri}/rows.parquet`);
const today = (deps: Pick<ExtractionDeps, 'clock'>) => deps.clock.now().toISOString().slice(0, 10);
const digest = (text: string) => sha256(text).slice(0, 12);

function bySource(segments: QuarantineSegment[]): Map<string, string[]> {
  const uris = new Map<string, string[]>();
  for (const { uri, facts } of segments) uris.set(facts.source, [...(uris.get(facts.source) ?? []), uri]);
  return uris;
}
