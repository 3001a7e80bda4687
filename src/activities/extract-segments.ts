import { join } from 'node:path';
import type { ArtifactRef, SegmentFacts } from '../contracts/index.js';
import { type QuarantineFacts, quarantineFactsSchema, segmentFactsSchema } from '../contracts/night.js';
import type { ArtifactStore, Session } from './deps.js';

export const RAW_SCHEMA = 'raw-events/1';
export const QUARANTINE_SCHEMA = 'quarantine/1';

export interface Segment {
  uri: string;
  rows: number;
  createdAt: string;
  facts: SegmentFacts;
}
export interface QuarantineSegment {
  uri: string;
  rows: number;
  facts: QuarantineFacts;
}

/** All committed raw segments, by uri. */
export async function readSegments(artifacts: ArtifactStore): Promise<Segment[]> {
  const segments: Segment[] = [];
  for (const uri of await artifacts.list('raw')) {
    const manifest = await artifacts.read(uri);
    if (manifest === null) continue; // swept in between
    segments.push({
      uri,
      rows: manifest.rows,
      createdAt: manifest.createdAt,
      facts: segmentFactsSchema.parse(manifest.facts),
    });
  }
  return segments;
}

/**
 * Quarantine segments that count. Two do not: one whose raw segment was written by a racing extraction that split it
 * differently, and one whose rows a replay has moved on already.
 */
export async function readQuarantine(artifacts: ArtifactStore): Promise<QuarantineSegment[]> {
  const found: QuarantineSegment[] = [];
  for (const uri of await artifacts.list('quarantine')) {
    const manifest = await artifacts.read(uri);
    if (manifest === null) continue;
    found.push({ uri, rows: manifest.rows, facts: quarantineFactsSchema.parse(manifest.facts) });
  }
  const replaced = new Set(found.map(({ facts }) => facts.replaces));
  const counting: QuarantineSegment[] = [];
  for (const segment of found) {
    if (replaced.has(segment.uri) || !(await isNamedByItsRaw(artifacts, segment))) continue;
    counting.push(segment);
  }
  return counting;
}

async function isNamedByItsRaw(
  artifacts: ArtifactStore,
  { uri, facts }: QuarantineSegment,
): Promise<boolean> {
  if (facts.of === null) return true;
  const raw = await artifacts.read(facts.of);
  return raw === null || segmentFactsSchema.parse(raw.facts).quarantine === uri;
}

/** Refused rows of `checked` and `source_rejects`, counted: all of them, and by reason (a row may have several). */
export async function countRefused(
  session: Session,
): Promise<{ total: number; byReason: Record<string, number> }> {
  const reasons = await session.rows<{ reason: string; n: number }>(
    `SELECT reason, count(*)::INTEGER AS n
     FROM (SELECT unnest(reasons) AS reason FROM checked UNION ALL SELECT reason FROM source_rejects)
     GROUP BY reason ORDER BY reason`,
  );
  const [counted] = await session.rows<{ n: number }>(
    `SELECT ((SELECT count(*) FROM checked WHERE len(reasons) > 0) + (SELECT count(*) FROM source_rejects))::INTEGER AS n`,
  );
  return {
    total: counted?.n ?? 0,
    byReason: Object.fromEntries(reasons.map(({ reason, n }) => [reason, n])),
  };
}

/** Writes the refused rows, if there are any; returns their uri. `file` is what `checked` was read from. */
export async function writeQuarantine(
  artifacts: ArtifactStore,
  session: Session,
  uri: string,
  facts: Omit<QuarantineFacts, 'byReason'>,
  file: string | null,
): Promise<string | null> {
  const refused = await countRefused(session);
  if (refused.total === 0) return null;
  await session.set('kind', facts.kind);
  await session.set('file_name', file, 'VARCHAR');
  await artifacts.write(uri, { schema: QUARANTINE_SCHEMA, inputs: [] }, async (folder) => ({
    files: [await session.copyModel('extract/quarantined_rows', join(folder, 'rows.parquet'))],
    facts: { ...facts, byReason: refused.byReason },
  }));
  return uri;
}

/** Leaves each event id once among the good rows of `checked`; returns how many repetitions went. */
export async function dropDuplicates(session: Session): Promise<number> {
  const [counted] = await session.rows<{ n: number }>(
    'SELECT (count(*) - count(DISTINCT event_id))::INTEGER AS n FROM checked WHERE len(reasons) = 0',
  );
  if (counted === undefined || counted.n === 0) return 0;
  await session.run(
    `DELETE FROM checked WHERE len(reasons) = 0 AND rowid NOT IN (
       SELECT min(rowid) FROM checked WHERE len(reasons) = 0 GROUP BY event_id)`,
  );
  return counted.n;
}

/** Writes the good rows of `checked` as a raw segment; of racing writers of one uri, one wins. */
export async function writeSegment(
  artifacts: ArtifactStore,
  session: Session,
  uri: string,
  facts: Omit<SegmentFacts, 'days' | 'quarantined' | 'byReason'>,
): Promise<ArtifactRef> {
  const refused = await countRefused(session);
  const days = await session.rows<{ day: string; n: number }>(
    `SELECT ts::DATE::VARCHAR AS day, count(*)::INTEGER AS n FROM checked WHERE len(reasons) = 0 GROUP BY 1 ORDER BY 1`,
  );
  return artifacts.write(uri, { schema: RAW_SCHEMA, inputs: [] }, async (folder) => ({
    files: [await session.copyModel('extract/raw_events', join(folder, 'events.parquet'))],
    facts: {
      ...facts,
      days: Object.fromEntries(days.map(({ day, n }) => [day, n])),
      quarantined: refused.total,
      byReason: refused.byReason,
    } satisfies SegmentFacts,
  }));
}
