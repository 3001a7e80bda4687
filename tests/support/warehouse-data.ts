import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EVENT_COLUMNS, RAW_EVENT_COLUMNS } from '../../src/activities/columns.js';
import type { Session } from '../../src/activities/deps.js';
import {
  type FeedbackInput,
  copyWeightedRating,
  eachPass,
  prepareFeedback,
} from '../../src/activities/interactions.js';
import { createWarehouse } from '../../src/adapters/duckdb/warehouse.js';
import type { EventType } from '../../src/contracts/events.js';
import type { Film } from '../../src/contracts/index.js';

export const warehouse = createWarehouse({ models: 'warehouse', memoryLimit: '1GB', threads: 2 });

/** A folder of one test file; call `remove` in afterAll. */
export function testFolder(): { path: (name: string) => string; remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'matinee-test-'));
  return {
    path: (name) => join(folder, name),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** A staged event with the columns a test cares about; times are ISO text, viewers small numbers. */
export interface EventRow {
  viewer: number;
  film: string | null;
  type: EventType;
  ts: string;
  id?: number;
  value?: number | null;
  from_ms?: number;
  to_ms?: number;
  session_id?: string;
  surface?: string;
  position?: number;
  dwell_ms?: number;
  viewport_pct?: number;
  device?: string;
  source?: string;
  extra?: string;
}
export interface FilmRow {
  film: string;
  runtime: number | null;
  facts?: Film;
}
export interface ViewerRow {
  viewer: number;
  consent?: number;
  market?: string;
  birth_year?: number;
  is_kids?: boolean;
  not_interested?: string[];
  dont_use?: string[];
}

/** pid of a test viewer: the number in the first 16 bits, so that bucket = number mod buckets. */
export function testPid(viewer: number): string {
  return `${viewer.toString(16).padStart(4, '0')}0000-0000-4000-8000-000000000000`;
}
const testUuid = (n: number) => `00000000-0000-4000-9000-${n.toString(16).padStart(12, '0')}`;

const FILM_COLUMNS = {
  film_id: 'VARCHAR',
  title: 'VARCHAR',
  release_year: 'INTEGER',
  genres: 'VARCHAR[]',
  actors: 'VARCHAR[]',
  directors: 'VARCHAR[]',
  runtime_min: 'INTEGER',
  certificates: 'VARCHAR',
  countries: 'VARCHAR[]',
  languages: 'VARCHAR[]',
  markets: 'VARCHAR[]',
  added_at: 'TIMESTAMP',
  external_average: 'DOUBLE',
  external_votes: 'INTEGER',
};
const VIEWER_COLUMNS = {
  pid: 'UUID',
  bucket: 'INTEGER',
  market: 'VARCHAR',
  birth_year: 'INTEGER',
  is_kids: 'BOOLEAN',
  is_adult_declared: 'BOOLEAN',
  consent: 'INTEGER',
  created_at: 'TIMESTAMP',
  not_interested: 'VARCHAR[]',
  dont_use: 'VARCHAR[]',
};

async function writeRows(
  session: Session,
  path: string,
  columns: Record<string, string>,
  rows: Record<string, unknown>[],
): Promise<string> {
  const ndjson = `${path}.ndjson`;
  writeFileSync(ndjson, rows.map((row) => JSON.stringify(row)).join('\n'));
  const types = Object.entries(columns).map(([name, type]) => `${name}: '${type}'`);
  await session.copy(
    `SELECT * FROM read_json($ndjson, format = 'newline_delimited', columns = {${types.join(', ')}})`,
    path,
    {
      ndjson,
    },
  );
  return path;
}

const toColumns = ({ viewer, film, id, ...rest }: EventRow, index: number) => ({
  event_id: testUuid(id ?? index + 1),
  pid: testPid(viewer),
  film_id: film,
  source: 'test',
  ...rest,
});

/** A file of staged events; returns its path. */
export function writeEvents(
  session: Session,
  path: string,
  events: EventRow[],
  buckets = 16,
): Promise<string> {
  const rows = events.map((event, i) => ({ ...toColumns(event, i), bucket: event.viewer % buckets }));
  return writeRows(session, path, EVENT_COLUMNS, rows);
}

/** The data file of a raw segment, as an artefact lists it. */
export async function writeRawEvents(session: Session, path: string, events: EventRow[]) {
  await writeRows(session, `${path}.rows`, RAW_EVENT_COLUMNS, events.map(toColumns));
  return session.copy('FROM read_parquet($rows)', path, { rows: `${path}.rows` });
}

export function writeFilms(session: Session, path: string, films: FilmRow[]): Promise<string> {
  const rows = films.map(({ film, runtime, facts }) => ({
    film_id: film,
    title: film,
    runtime_min: runtime,
    release_year: facts?.releaseYear,
    genres: facts?.genres,
    actors: facts?.actors,
    directors: facts?.directors,
    countries: facts?.countries,
    languages: facts?.languages,
    certificates: JSON.stringify(facts?.certificates ?? {}),
    markets: facts?.markets ?? ['*'],
    added_at: facts?.addedAt?.replace('Z', ''),
  }));
  return writeRows(session, path, FILM_COLUMNS, rows);
}

export function writeViewers(session: Session, path: string, viewers: ViewerRow[]): Promise<string> {
  const rows = viewers.map(
    ({
      viewer,
      consent = 31,
      market = 'default',
      birth_year,
      is_kids = false,
      not_interested = [],
      dont_use = [],
    }) => ({
      pid: testPid(viewer),
      bucket: viewer % 16,
      market,
      birth_year,
      is_kids,
      is_adult_declared: birth_year === undefined && !is_kids,
      consent,
      not_interested,
      dont_use,
    }),
  );
  return writeRows(session, path, VIEWER_COLUMNS, rows);
}

/** Weighted ratings of the films, written to `outPath`. */
export async function buildWeightedRating(session: Session, input: FeedbackInput & { outPath: string }) {
  await prepareFeedback(session, input);
  await eachPass(session, input, ['marts/votes']);
  return copyWeightedRating(session, input.outPath);
}
