import type pg from 'pg';
import type { Departure } from '../../contracts/exclusions.js';

/**
 * Pairs and whether their film is disliked, and whether it counts as seen (rated, or played to its end), by what is
 * stored now. $1: the first instant that the served lists do not know; what is older is the night's matter.
 * Opinions as read-back.ts has them, of which only a dislike makes a film leave.
 */
const standingOf = (acted: string) => `
WITH acted AS (${acted})
SELECT profile_id AS "profileId", film_id AS "filmId",
  coalesce((disliked IS NOT NULL AND (liked IS NULL OR liked <= disliked)
    AND (undisliked IS NULL OR undisliked < disliked)), false) AS "isDisliked",
  EXISTS (SELECT FROM ratings AS r WHERE r.profile_id = acted.profile_id AND r.film_id = acted.film_id)
    OR EXISTS (SELECT FROM finishes AS f
      WHERE f.profile_id = acted.profile_id AND f.film_id = acted.film_id AND finished_at >= $1::timestamptz) AS "isSeen"
FROM acted CROSS JOIN LATERAL (
  SELECT max(ts) FILTER (WHERE type = 'like') AS liked, max(ts) FILTER (WHERE type = 'dislike') AS disliked,
    max(ts) FILTER (WHERE type = 'undislike') AS undisliked
  FROM events AS e
  WHERE e.profile_id = acted.profile_id AND e.film_id = acted.film_id
    AND type IN ('like', 'unlike', 'dislike', 'undislike', 'bookmark_add', 'bookmark_remove')
) AS opinions
ORDER BY profile_id, film_id`;

/** Stored since $2, and done since $1: loads of history are not news. */
const SINCE = standingOf(`
  SELECT profile_id, film_id FROM events
  WHERE ingested_at >= $2::timestamptz AND ts >= $1::timestamptz
    AND type IN ('like', 'unlike', 'dislike', 'undislike', 'rating', 'unrate')
  UNION
  SELECT profile_id, film_id FROM finishes WHERE changed_at >= $2::timestamptz AND finished_at >= $1::timestamptz`);
const OF_PAIRS = standingOf(
  'SELECT DISTINCT profile_id, film_id FROM unnest($2::text[], $3::text[]) AS t (profile_id, film_id)',
);

export async function departuresSince(pool: pg.Pool, from: string, since: string): Promise<Departure[]> {
  return (await pool.query<Departure>(SINCE, [from, since])).rows;
}

export async function departuresOf(
  pool: pg.Pool,
  from: string,
  pairs: readonly { profileId: string; filmId: string }[],
): Promise<Departure[]> {
  const [profiles, films] = [pairs.map(({ profileId }) => profileId), pairs.map(({ filmId }) => filmId)];
  return (await pool.query<Departure>(OF_PAIRS, [from, profiles, films])).rows;
}
