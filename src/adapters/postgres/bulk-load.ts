import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';

/** An id that another source holds already: importing would mix two catalogues or two audiences. */
export class SourceConflict extends Error {}

/** What may be bulk-loaded: the staging table's columns, and how its rows enter the real one. `$1` is the source. */
interface Load {
  table: 'films' | 'profiles' | 'events';
  key: string;
  columns: Record<string, string>;
  insert: string;
}

const FILMS: Load = {
  table: 'films',
  key: 'film_id',
  columns: {
    film_id: 'text',
    title: 'text',
    release_year: 'integer',
    genres: "jsonb DEFAULT '[]'",
    actors: "jsonb DEFAULT '[]'",
    directors: "jsonb DEFAULT '[]'",
    runtime_min: 'integer',
    certificates: "jsonb DEFAULT '{}'",
    countries: "jsonb DEFAULT '[]'",
    languages: "jsonb DEFAULT '[]'",
    markets: `jsonb DEFAULT '["*"]'`,
    added_at: 'timestamptz',
  },
  // An import without certificates keeps those that an earlier one brought.
  insert: `
    INSERT INTO films (film_id, title, release_year, genres, actors, directors, runtime_min, certificates, countries,
      languages, markets, added_at, source)
    SELECT film_id, title, release_year, names(genres), names(actors), names(directors), runtime_min, certificates,
      names(countries), names(languages), names(markets), added_at, $1
    FROM staged
    ON CONFLICT (film_id) DO UPDATE SET
      title = excluded.title, release_year = excluded.release_year, genres = excluded.genres, actors = excluded.actors,
      directors = excluded.directors, runtime_min = excluded.runtime_min,
      certificates = CASE WHEN excluded.certificates = '{}' THEN films.certificates ELSE excluded.certificates END,
      countries = excluded.countries, languages = excluded.languages, markets = excluded.markets,
      added_at = coalesce(excluded.added_at, films.added_at)`,
};

const PROFILES: Load = {
  table: 'profiles',
  key: 'profile_id',
  columns: {
    profile_id: 'text',
    account_id: 'text',
    name: "text DEFAULT ''",
    market: "text DEFAULT 'default'",
    birth_year: 'integer',
    is_kids: 'boolean DEFAULT false',
    is_adult_declared: 'boolean DEFAULT false',
    consent: 'integer DEFAULT 0',
    created_at: 'timestamptz',
  },
  insert: `
    WITH holders AS (
      INSERT INTO accounts (account_id) SELECT DISTINCT account_id FROM staged ON CONFLICT DO NOTHING
    )
    INSERT INTO profiles (profile_id, account_id, name, market, birth_year, is_kids, is_adult_declared, consent,
      created_at, source)
    SELECT profile_id, account_id, name, market, birth_year, is_kids, is_adult_declared, consent,
      coalesce(created_at, now()), $1
    FROM staged
    ON CONFLICT (profile_id) DO UPDATE SET
      market = excluded.market, birth_year = excluded.birth_year, is_kids = excluded.is_kids,
      is_adult_declared = excluded.is_adult_declared`,
};

const EVENTS: Load = {
  table: 'events',
  key: 'event_id',
  columns: {
    event_id: 'uuid',
    profile_id: 'text',
    film_id: 'text',
    type: 'text',
    ts: 'timestamptz',
    value: 'smallint',
    from_ms: 'bigint',
    to_ms: 'bigint',
    session_id: 'text',
    surface: 'text',
    position: 'integer',
    list_id: 'text',
    release_id: 'text',
    dwell_ms: 'integer',
    viewport_pct: 'smallint',
    device: 'text',
    locale: 'text',
    app_version: 'text',
    extra: 'jsonb',
  },
  insert: `
    INSERT INTO events (event_id, profile_id, film_id, type, ts, value, from_ms, to_ms, session_id, surface, position,
      list_id, release_id, dwell_ms, viewport_pct, device, locale, app_version, extra, source)
    SELECT event_id, profile_id, film_id, type, ts, value, from_ms, to_ms, session_id, surface, position,
      list_id, release_id, dwell_ms, viewport_pct, device, locale, app_version, extra, $1
    FROM staged JOIN profiles USING (profile_id)
    ON CONFLICT (event_id) DO NOTHING`,
};

export const LOADS = { films: FILMS, profiles: PROFILES, events: EVENTS };

/**
 * COPY of a CSV file (header = any subset of the columns above) into a staging table, then one INSERT, in one
 * transaction. Returns rows read and rows that were new or updated; a known event is neither.
 * Throws SourceConflict when a film or profile id belongs to another source.
 */
export async function bulkLoad(
  pool: pg.Pool,
  load: Load,
  source: string,
  csvPath: string,
): Promise<{ read: number; written: number }> {
  const columns = await headerOf(csvPath, load);
  const client = await pool.connect();
  let isClean = false;
  try {
    await client.query('BEGIN');
    const definition = Object.entries(load.columns).map(([name, type]) => `${name} ${type}`);
    await client.query(`CREATE TEMP TABLE staged (${definition.join(', ')}) ON COMMIT DROP`);
    const into = client.query(
      copyFrom(`COPY staged (${columns.join(', ')}) FROM STDIN (FORMAT csv, HEADER true)`),
    );
    await pipeline(createReadStream(csvPath), into);
    await client.query('ANALYZE staged');
    if (load.table !== 'events') await refuseConflicts(client, load, source);
    const inserted = await client.query(load.insert, [source]);
    await client.query('COMMIT');
    isClean = true;
    return { read: into.rowCount, written: inserted.rowCount ?? 0 };
  } finally {
    client.release(!isClean);
  }
}

async function refuseConflicts(client: pg.PoolClient, load: Load, source: string): Promise<void> {
  const { rows } = await client.query<{ source: string; n: number; example: string }>(
    `SELECT held.source, count(*)::integer AS n, min(held.${load.key}) AS example
     FROM staged JOIN ${load.table} AS held USING (${load.key}) WHERE held.source <> $1
     GROUP BY 1 ORDER BY n DESC LIMIT 1`,
    [source],
  );
  const [conflict] = rows;
  if (conflict === undefined) return;
  throw new SourceConflict(
    `${conflict.n} ${load.table} ids of ${source} (such as ${JSON.stringify(conflict.example)}) are held by ${conflict.source} already, ` +
      `and the two would be mixed; import into a home of its own (MATINEE_HOME, or another DATABASE_URL)`,
  );
}

/** The first table with a row of a source that does not begin with `prefix`; films and profiles come first, as the smaller ones. */
export async function sourceOtherThan(
  pool: pg.Pool,
  prefix: string,
): Promise<{ table: Load['table']; source: string } | null> {
  for (const table of ['films', 'profiles', 'events'] as const) {
    const { rows } = await pool.query<{ source: string }>(
      `SELECT source FROM ${table} WHERE NOT starts_with(source, $1) LIMIT 1`,
      [prefix],
    );
    if (rows[0] !== undefined) return { table, source: rows[0].source };
  }
  return null;
}

/** Columns that the file's first line names, each one known. */
async function headerOf(csvPath: string, load: Load): Promise<string[]> {
  const file = await open(csvPath);
  try {
    let header = '';
    for await (const line of file.readLines()) {
      header = line;
      break;
    }
    const columns = header.split(',').map((name) => name.replaceAll('"', '').trim());
    const unknown = columns.filter((name) => !(name in load.columns));
    if (unknown.length > 0) {
      throw new Error(
        `${csvPath}: no column ${unknown.join(', ')} in ${load.table}, which has ${Object.keys(load.columns).join(', ')}`,
      );
    }
    return columns;
  } finally {
    await file.close();
  }
}
