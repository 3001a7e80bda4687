import type pg from 'pg';
import type { ViewerEvent } from '../../contracts/events.js';

export interface SavedEvents {
  accepted: number;
  /** Known already by event id, in the store or earlier in this batch. */
  duplicates: number;
  /** Profiles that do not exist; their events were not saved. */
  unknownUsers: string[];
}

/**
 * How far a client's clock may be off before the server's is used (science A.1). History that is loaded on purpose
 * (`clock: 'given'`) keeps its times.
 */
const MAX_SKEW_MS = 24 * 3_600_000;

/**
 * One statement for the whole batch, so the counts are exact under concurrency.
 * 1. Ordered by event id: two batches that share ids wait for each other instead of deadlocking.
 * 2. Only profiles that exist; a film that does not is accepted (it may be on its way), and the extraction quarantines it.
 */
const INSERT = `
WITH given AS (
  SELECT * FROM unnest(
    $1::uuid[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::smallint[], $7::bigint[], $8::bigint[],
    $9::text[], $10::text[], $11::integer[], $12::text[], $13::text[], $14::integer[], $15::smallint[], $16::text[],
    $17::text[], $18::text[], $19::jsonb[]
  ) AS t (event_id, profile_id, film_id, type, ts, value, from_ms, to_ms, session_id, surface, position, list_id,
    release_id, dwell_ms, viewport_pct, device, locale, app_version, extra)
), known AS (
  SELECT given.* FROM given JOIN profiles USING (profile_id)
), inserted AS (
  INSERT INTO events (event_id, profile_id, film_id, type, ts, value, from_ms, to_ms, session_id, surface, position,
    list_id, release_id, dwell_ms, viewport_pct, device, locale, app_version, extra, ts_server, source)
  SELECT known.*, $20::timestamptz, $21::text FROM known ORDER BY event_id
  ON CONFLICT (event_id) DO NOTHING
  RETURNING 1
)
SELECT (SELECT count(*) FROM inserted)::integer AS accepted,
       (SELECT count(*) FROM known)::integer AS known,
       ARRAY(SELECT DISTINCT profile_id FROM given WHERE NOT EXISTS (
         SELECT FROM profiles WHERE profiles.profile_id = given.profile_id) ORDER BY profile_id) AS unknown`;

export async function saveEvents(
  pool: pg.Pool,
  events: ViewerEvent[],
  source: string,
  receivedAt: Date,
  clock: 'server' | 'given',
): Promise<SavedEvents> {
  if (events.length === 0) return { accepted: 0, duplicates: 0, unknownUsers: [] };
  const times = events.map(({ ts }) => effectiveTime(ts, receivedAt, clock));
  const column = <T>(of: (event: ViewerEvent) => T | undefined) => events.map((event) => of(event) ?? null);
  const { rows } = await pool.query<{ accepted: number; known: number; unknown: string[] }>(INSERT, [
    column((e) => e.eventId),
    column((e) => e.userId),
    column((e) => e.movieId),
    column((e) => e.type),
    times.map(({ ts }) => ts),
    column((e) => e.value),
    column((e) => toMs(e.fromSec)),
    column((e) => toMs(e.toSec)),
    column((e) => e.sessionId),
    column((e) => e.surface),
    column((e) => e.position),
    column((e) => e.listId),
    column((e) => e.releaseId),
    column((e) => e.dwellMs),
    column((e) => (e.viewportPct === undefined ? undefined : Math.round(e.viewportPct))),
    column((e) => e.device),
    column((e) => e.locale),
    column((e) => e.appVersion),
    times.map(({ extra }) => extra),
    receivedAt.toISOString(),
    source,
  ]);
  const [saved] = rows;
  if (saved === undefined) throw new Error('saving events: the database answered without counts');
  return {
    accepted: saved.accepted,
    duplicates: saved.known - saved.accepted,
    unknownUsers: saved.unknown,
  };
}

/** The event's time, and what the client said when that is not believed. */
function effectiveTime(ts: string, receivedAt: Date, clock: 'server' | 'given') {
  const isBelieved = clock === 'given' || Math.abs(Date.parse(ts) - receivedAt.getTime()) <= MAX_SKEW_MS;
  return isBelieved
    ? { ts, extra: null }
    : { ts: receivedAt.toISOString(), extra: JSON.stringify({ tsClient: ts }) };
}

const toMs = (seconds: number | undefined) =>
  seconds === undefined ? undefined : Math.round(seconds * 1000);
