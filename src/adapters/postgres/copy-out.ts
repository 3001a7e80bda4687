import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import type { Watermark } from '../../activities/deps.js';

/** UTC without a zone, in ISO style (inSnapshot): what DuckDB reads as TIMESTAMP. to_char() would cost more than the rest of a row. */
const utc = (column: string) => `${column} AT TIME ZONE 'UTC' AS ${column}`;

const EVENTS = `
SELECT event_id, profile_id AS user_id, film_id, type, ${utc('ts')}, value, from_ms, to_ms, session_id, surface, position,
  list_id, release_id, dwell_ms, viewport_pct, device, locale, app_version, source, extra,
  ${utc('ingested_at')}
FROM events`;

const FILMS = `
SELECT film_id, title, release_year, to_json(genres) AS genres, to_json(actors) AS actors, to_json(directors) AS directors,
  runtime_min, certificates, to_json(countries) AS countries, to_json(languages) AS languages,
  to_json(markets) AS markets, ${utc('added_at')}
FROM films ORDER BY film_id COLLATE "C"`;

const PROFILES = `
SELECT profile_id AS user_id, market, birth_year, is_kids, is_adult_declared, consent, ${utc('created_at')},
  to_json(not_interested) AS not_interested, to_json(dont_use) AS dont_use
FROM profiles LEFT JOIN (
  SELECT profile_id,
    array_agg(film_id ORDER BY film_id COLLATE "C") FILTER (WHERE kind = 'not_interested') AS not_interested,
    array_agg(film_id ORDER BY film_id COLLATE "C") FILTER (WHERE kind = 'dont_use') AS dont_use
  FROM exclusions WHERE is_active GROUP BY profile_id
) AS excluded USING (profile_id)
ORDER BY profile_id COLLATE "C"`;

/**
 * Events by ingest watermark, into a CSV file with a header.
 * 1. A row carries the id of its writing transaction. Everything below the snapshot's xmin has ended, so rows in
 *    [since.xmin, xmin) are final: a transaction still in flight has an id ≥ xmin and is read next time, whatever its
 *    time stamps say.
 * 2. xmin and rows come from one snapshot (repeatable read).
 * 3. Ids mean something in one cluster only: after a restore, a failover or another database, all is read again;
 *    event ids make that harmless.
 */
export async function copyEventsOut(
  pool: pg.Pool,
  since: Watermark | null,
  csvPath: string,
  signal?: AbortSignal,
): Promise<{ rows: number; watermark: Watermark }> {
  return inSnapshot(pool, async (client) => {
    const watermark = await currentWatermark(client);
    const from = since !== null && since.system === watermark.system ? digits(since.xmin) : '0';
    const where = `WHERE ingest_xid >= '${from}'::xid8 AND ingest_xid < '${digits(watermark.xmin)}'::xid8`;
    return { rows: await copyOut(client, `${EVENTS} ${where}`, csvPath, signal), watermark };
  });
}

export const copyFilmsOut = (pool: pg.Pool, csvPath: string) =>
  inSnapshot(pool, (client) => copyOut(client, FILMS, csvPath));

export const copyProfilesOut = (pool: pg.Pool, csvPath: string) =>
  inSnapshot(pool, (client) => copyOut(client, PROFILES, csvPath));

/** COPY takes no parameters; this is the only text from outside that enters one. */
function digits(xid: string): string {
  if (!/^\d{1,20}$/.test(xid)) throw new Error(`watermark xmin is ${JSON.stringify(xid)}, expected digits`);
  return xid;
}

async function currentWatermark(client: pg.PoolClient): Promise<Watermark> {
  const { rows } = await client.query<Watermark>(
    `SELECT concat_ws('-', (SELECT system_identifier FROM pg_control_system()),
              (SELECT timeline_id FROM pg_control_checkpoint()),
              (SELECT oid FROM pg_database WHERE datname = current_database())) AS system,
            pg_snapshot_xmin(pg_current_snapshot())::text AS xmin`,
  );
  if (rows[0] === undefined) throw new Error('the database did not say its snapshot');
  return rows[0];
}

async function copyOut(client: pg.PoolClient, select: string, csvPath: string, signal?: AbortSignal) {
  const stream = client.query(copyTo(`COPY (${select}) TO STDOUT (FORMAT csv, HEADER true)`));
  await pipeline(stream, createWriteStream(csvPath), signal === undefined ? {} : { signal });
  return stream.rowCount;
}

/** A connection whose COPY was torn off in the middle is closed, not given back. */
async function inSnapshot<T>(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let isClean = false;
  try {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    await client.query("SET LOCAL DateStyle = 'ISO'");
    const result = await work(client);
    await client.query('COMMIT');
    isClean = true;
    return result;
  } finally {
    client.release(!isClean);
  }
}
