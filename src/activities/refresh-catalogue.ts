import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type CatalogueFacts,
  catalogueFactsSchema,
  type CatalogueRow,
  catalogueRowSchema,
  type CatalogueSource,
  certificatesSchema,
  type CertificateConflict,
  type Manifest,
} from '../contracts/index.js';
import { addCertificates } from '../core/age-gate/index.js';
import type { ArtifactStore, ExtractDeps, Session } from './deps.js';
import { FeedFailed } from './feeds.js';
import { writeQuarantine } from './extract-segments.js';

export const CATALOGUE_SCHEMA = 'catalogue/1';
export const CATALOGUE_FILE = 'films.parquet';
/** Readings of a feed that are kept: a run copies what it uses, so the newest is all that anybody reads. */
const READINGS_KEPT = 3;
/** Conflicts that a manifest names; all are counted. */
export const CONFLICTS_NAMED = 50;
/** Characters of a row. What is longer is no film; DuckDB reads lines of up to 16 MiB. */
const ROW_LENGTH = 1_000_000;
const HOUR_MS = 3_600_000;

export type RefreshDeps = Pick<ExtractDeps, 'artifacts' | 'clock' | 'config' | 'feeds'>;
export interface Reading {
  uri: string;
  facts: CatalogueFacts;
}

/**
 * Reads a feed when its facts are due: pages → checked rows → `catalogue/<source>/<runId>`, refused rows → quarantine.
 * A feed that fails, changes its shape or shrinks leaves the last reading in force; the answer says why. Nothing of a feed
 * ever stops a night.
 */
export async function refreshCatalogue(
  deps: RefreshDeps,
  session: Session,
  source: CatalogueSource,
  run: { night: string; runId: string; scratch: string },
  signal: AbortSignal,
): Promise<string | null> {
  const now = deps.clock.now().getTime();
  const last = await newestReading(deps.artifacts, source.name);
  if (last !== null && now - Date.parse(last.facts.fetchedAt) < source.refreshHours * HOUR_MS) return null;
  const failure = await deps.feeds.lastFailure(source);
  if (failure !== null && now - Date.parse(failure.at) < source.retryMinutes * 60_000) return failure.problem;
  try {
    await readFeed(deps, session, source, run, last, signal);
    return null;
  } catch (error) {
    if (!(error instanceof FeedFailed)) throw error;
    if (error.wasAsked) await deps.feeds.failed(source, error.message);
    return error.message;
  }
}

/** The newest complete reading of a feed. */
export async function newestReading(artifacts: ArtifactStore, name: string): Promise<Reading | null> {
  return (await readings(artifacts, name)).at(-1) ?? null;
}

async function readings(artifacts: ArtifactStore, name: string): Promise<Reading[]> {
  const found: Reading[] = [];
  for (const uri of await artifacts.list(`catalogue/${name}`)) {
    const manifest: Manifest | null = await artifacts.read(uri);
    if (manifest !== null) found.push({ uri, facts: catalogueFactsSchema.parse(manifest.facts) });
  }
  return found.sort((a, b) => (a.facts.fetchedAt < b.facts.fetchedAt ? -1 : 1));
}

async function readFeed(
  deps: RefreshDeps,
  session: Session,
  source: CatalogueSource,
  { night, runId, scratch }: { night: string; runId: string; scratch: string },
  last: Reading | null,
  signal: AbortSignal,
): Promise<void> {
  const fetchedAt = deps.clock.now().toISOString();
  const [good, bad] = [
    join(scratch, `${source.name}.ndjson`),
    join(scratch, `${source.name}-refused.ndjson`),
  ];
  const read = await spill(deps, source, { reading: runId, good, bad, signal });
  demandPlausible(source, read, last);

  await session.set('feed_rows', good);
  await session.set('feed_refused', bad);
  await session.model('extract/feed_films');
  await session.run('CREATE OR REPLACE TEMP TABLE feed_now AS FROM feed_films');
  const kept = await keepCertificates(
    deps,
    session,
    source,
    last,
    join(scratch, `${source.name}-kept.ndjson`),
  );
  await session.model('extract/feed_refused');
  await session.run('CREATE OR REPLACE TEMP TABLE checked AS FROM feed_refused');
  await session.run(
    `CREATE OR REPLACE TEMP VIEW source_rejects AS
     SELECT NULL::BIGINT AS line, NULL::VARCHAR AS raw, NULL::VARCHAR AS reason WHERE false`,
  );
  await writeQuarantine(
    deps.artifacts,
    session,
    `quarantine/${source.name}/day=${night}/${runId}`,
    {
      source: source.name,
      kind: 'films',
      runId,
      of: null,
      replaces: null,
      columns: source.columns,
      type: null,
      valueScale: 1,
    },
    read.address,
  );
  await deps.artifacts.write(
    `catalogue/${source.name}/${runId}`,
    { schema: CATALOGUE_SCHEMA, inputs: [] },
    async (folder) => {
      const file = await session.copy('FROM feed_now ORDER BY film_id', join(folder, CATALOGUE_FILE));
      const known = new Set(last?.facts.unknownColumns);
      return {
        files: [file],
        facts: {
          source: source.name,
          runId,
          address: read.address,
          licence: source.licence,
          fetchedAt,
          pages: read.pages,
          unchangedPages: read.unchangedPages,
          rows: read.rows,
          refused: read.refused,
          byReason: read.byReason,
          duplicates: read.rows - file.rows + kept.gone,
          gone: kept.gone,
          unknownColumns: read.unknownColumns,
          newColumns: last === null ? [] : read.unknownColumns.filter((column) => !known.has(column)),
          conflicts: kept.conflicts,
        } satisfies CatalogueFacts,
      };
    },
  );
  for (const old of (await readings(deps.artifacts, source.name)).slice(0, -READINGS_KEPT)) {
    await deps.artifacts.remove(old.uri);
  }
}

interface Spilled {
  address: string;
  pages: number;
  unchangedPages: number;
  rows: number;
  refused: number;
  byReason: Record<string, number>;
  unknownColumns: string[];
}

/** Checks row after row, page by page, into two files; no more than a page is in memory. */
async function spill(
  deps: RefreshDeps,
  source: CatalogueSource,
  { reading, good, bad, signal }: { reading: string; good: string; bad: string; signal: AbortSignal },
): Promise<Spilled> {
  const { origin, pathname } = new URL(source.url);
  const read: Spilled = {
    address: origin + pathname,
    pages: 0,
    unchangedPages: 0,
    rows: 0,
    refused: 0,
    byReason: {},
    unknownColumns: [],
  };
  const unknown = new Set<string>();
  const [goodFile, badFile] = [await open(good, 'w'), await open(bad, 'w')];
  try {
    for await (const page of deps.feeds.pages(source, { reading, signal })) {
      read.pages = page.page;
      if (page.from !== 'feed') read.unchangedPages++;
      for (const column of page.unknownColumns) unknown.add(column);
      const [rows, refused] = [[] as object[], [] as object[]];
      for (const { ours, theirs } of page.rows) {
        const text = JSON.stringify(theirs);
        const isTooLong = text.length > ROW_LENGTH;
        const checked = isTooLong ? { reasons: ['row:too-long'] } : checkRow(ours, source.ratingOutOf);
        if ('row' in checked) rows.push(checked.row);
        else {
          refused.push({ reasons: checked.reasons, fields: isTooLong ? null : text });
          for (const reason of checked.reasons) read.byReason[reason] = (read.byReason[reason] ?? 0) + 1;
        }
      }
      read.rows += rows.length;
      read.refused += refused.length;
      await append(goodFile, rows);
      await append(badFile, refused);
    }
  } finally {
    await goodFile.close();
    await badFile.close();
  }
  return { ...read, unknownColumns: [...unknown].sort() };
}

async function append(file: FileHandle, rows: object[]): Promise<void> {
  if (rows.length > 0) await file.appendFile(`${rows.map((row) => JSON.stringify(row)).join('\n')}\n`);
}

/** A row as we keep it, or why it is refused: `column:missing`, `column:invalid`. */
export function checkRow(
  ours: Record<string, unknown>,
  ratingOutOf: number,
):
  | {
      row: Omit<CatalogueRow, 'average_rating' | 'certificates'> & {
        average_rating: number | null;
        certificates: string;
      };
    }
  | { reasons: string[] } {
  const parsed = catalogueRowSchema.safeParse(ours);
  if (!parsed.success) {
    const columns = new Set(parsed.error.issues.map(({ path }) => String(path[0])));
    return {
      reasons: [...columns]
        .map((column) => `${column}:${isAbsent(ours[column]) ? 'missing' : 'invalid'}`)
        .sort(),
    };
  }
  const { average_rating: given, certificates, ...row } = parsed.data;
  // 0 is how many feeds say "nobody has voted".
  const average = given === null || given === 0 ? null : (given * 10) / ratingOutOf;
  if (average !== null && (average < 1 || average > 10)) return { reasons: ['average_rating:out-of-range'] };
  return { row: { ...row, certificates: JSON.stringify(certificates), average_rating: average } };
}

const isAbsent = (value: unknown) => value === undefined || value === null || value === '';

/** A feed that renamed its columns, or lost half of its films overnight, is broken rather than new. */
function demandPlausible(source: CatalogueSource, read: Spilled, last: Reading | null): void {
  const seen = read.rows + read.refused;
  if (seen === 0) throw new FeedFailed(`${read.address} has no rows; ${stays(last)}`);
  if (read.refused > seen * source.maxRefusedShare) {
    const reasons = Object.entries(read.byReason).map(([reason, n]) => `${reason} ${n}`);
    throw new FeedFailed(
      `${read.address}: ${read.refused} of ${seen} rows cannot be used (${reasons.join(', ')}), more than maxRefusedShare; ` +
        `has it changed its columns? ${stays(last)}`,
    );
  }
  if (last !== null && read.rows < last.facts.rows * source.minRowsShare) {
    throw new FeedFailed(
      `${read.address} had ${last.facts.rows} films and has ${read.rows} now, below minRowsShare; ${stays(last)}`,
    );
  }
}

const stays = (last: Reading | null) =>
  last === null ? 'nothing is taken over' : `its facts of ${last.facts.fetchedAt.slice(0, 10)} stay`;

/**
 * What a feed once said of a film's certificate, it takes back only where a person has checked it (`acceptLowered`): a
 * lower or a withdrawn one, and a film that is gone, leave the stricter certificate in `feed_now`.
 */
async function keepCertificates(
  deps: RefreshDeps,
  session: Session,
  source: CatalogueSource,
  last: Reading | null,
  file: string,
): Promise<{ gone: number; conflicts: CatalogueFacts['conflicts'] }> {
  const conflicts: CertificateConflict[] = [];
  if (last === null) return { gone: 0, conflicts: { total: 0, first: [] } };
  await session.view('feed_before', [join(deps.artifacts.path(last.uri), CATALOGUE_FILE)]);
  const rows = await session.rows<{ film_id: string; before: string; now: string }>(
    `SELECT film_id, feed_before.certificates AS before, feed_now.certificates AS now
     FROM feed_now JOIN feed_before USING (film_id)
     WHERE feed_before.certificates <> feed_now.certificates ORDER BY film_id`,
  );
  const accepted = new Set(source.acceptLowered);
  const kept = [];
  for (const { film_id, before, now } of rows) {
    if (accepted.has(film_id)) continue;
    const held = certificatesSchema.parse(JSON.parse(before));
    const sum = addCertificates(held, certificatesSchema.parse(JSON.parse(now)), deps.config.ages);
    conflicts.push(
      ...sum.refused.map((refused) => ({ filmId: film_id, ...refused, than: 'before' as const })),
    );
    kept.push({ film_id, certificates: JSON.stringify(sum.certificates) });
  }
  await writeRows(file, kept);
  await session.set('feed_kept', file);
  await session.run(
    `UPDATE feed_now SET certificates = kept.certificates
     FROM read_json($file, format = 'newline_delimited', columns = {film_id: 'VARCHAR', certificates: 'VARCHAR'}) AS kept
     WHERE kept.film_id = feed_now.film_id`,
    { file },
  );
  const [gone] = await session.rows<{ n: number }>(
    `SELECT count(*)::INTEGER AS n FROM feed_before ANTI JOIN feed_now USING (film_id) WHERE certificates <> '{}'`,
  );
  await session.run(
    `INSERT INTO feed_now BY NAME
     SELECT film_id, certificates FROM feed_before ANTI JOIN feed_now USING (film_id) WHERE certificates <> '{}'`,
  );
  return {
    gone: gone?.n ?? 0,
    conflicts: { total: conflicts.length, first: conflicts.slice(0, CONFLICTS_NAMED) },
  };
}

export async function writeRows(file: string, rows: object[]): Promise<void> {
  const handle = await open(file, 'w');
  try {
    await append(handle, rows);
  } finally {
    await handle.close();
  }
}
