import type pg from 'pg';
import { z } from 'zod';
import type { CurrentRating, Opinions } from '../../activities/deps.js';
import { EVENT_TYPES } from '../../contracts/events.js';
import type { ViewerAct } from '../../core/feedback/index.js';
import { type Profile, profileSchema } from '../../contracts/films.js';

/** Current ratings, newest first. */
export async function ratingsOf(pool: pg.Pool, profileId: string): Promise<CurrentRating[]> {
  const { rows } = await pool.query<{ filmId: string; value: number; at: Date }>(
    `SELECT film_id AS "filmId", value, rated_at AS at FROM ratings
     WHERE profile_id = $1 ORDER BY rated_at DESC, film_id COLLATE "C"`,
    [profileId],
  );
  return rows.map(({ filmId, value, at }) => ({ filmId, value, ratedAt: at.toISOString() }));
}

/** As the night reads them (warehouse/features/opinions.sql): at one instant undo counts over do, dislike over like. */
const OPINIONS = `
WITH last AS (
  SELECT film_id,
    max(ts) FILTER (WHERE type = 'like') AS liked, max(ts) FILTER (WHERE type = 'unlike') AS unliked,
    max(ts) FILTER (WHERE type = 'dislike') AS disliked, max(ts) FILTER (WHERE type = 'undislike') AS undisliked,
    max(ts) FILTER (WHERE type = 'bookmark_add') AS saved, max(ts) FILTER (WHERE type = 'bookmark_remove') AS unsaved
  FROM events
  WHERE profile_id = $1
    AND type IN ('like', 'unlike', 'dislike', 'undislike', 'bookmark_add', 'bookmark_remove')
  GROUP BY film_id
)
SELECT film_id AS "filmId",
  CASE WHEN (disliked IS NULL OR disliked < liked) AND (unliked IS NULL OR unliked < liked) THEN liked END AS liked,
  CASE WHEN (liked IS NULL OR liked <= disliked) AND (undisliked IS NULL OR undisliked < disliked) THEN disliked END
    AS disliked,
  CASE WHEN unsaved IS NULL OR unsaved < saved THEN saved END AS saved
FROM last
ORDER BY film_id COLLATE "C"`;

export async function opinionsOf(pool: pg.Pool, profileId: string): Promise<Opinions> {
  const { rows } = await pool.query<{
    filmId: string;
    liked: Date | null;
    disliked: Date | null;
    saved: Date | null;
  }>(OPINIONS, [profileId]);
  const newestFirst = (kind: 'liked' | 'disliked' | 'saved') =>
    rows
      .flatMap(({ filmId, [kind]: at }) => (at === null ? [] : [{ filmId, at: at.toISOString() }]))
      .sort((a, b) => (a.at > b.at ? -1 : a.at < b.at ? 1 : 0));
  return {
    liked: newestFirst('liked'),
    disliked: newestFirst('disliked'),
    bookmarked: newestFirst('saved'),
  };
}

/** What a viewer did with films since an instant, in no order, and not more than `most`; what says nothing of a film is left out. */
export async function actsOf(
  pool: pg.Pool,
  profileId: string,
  since: string,
  most: number,
  types?: readonly string[],
): Promise<ViewerAct[]> {
  const { rows } = await pool.query<Record<string, unknown>>(
    `SELECT film_id, type, extract(epoch FROM ts)::float8 * 1000 AS at, value, from_ms::float8 AS from_ms, to_ms::float8 AS to_ms,
       session_id, surface, position, dwell_ms, viewport_pct, device
     FROM events
     WHERE profile_id = $1 AND ts >= $2::timestamptz AND film_id IS NOT NULL
       AND ($4::text[] IS NULL OR type::text = ANY ($4))
     LIMIT $3`,
    [profileId, since, most, types ?? null],
  );
  return rows.map((row) => actSchema.parse(row));
}

/** The same fields as the events of a batch, in the units of the warehouse; NULL is no value. */
const given = <S extends z.ZodType>(schema: S) => schema.nullable();
const actSchema = z
  .object({
    film_id: z.string(),
    type: z.enum(EVENT_TYPES),
    at: z.number(),
    value: given(z.number()),
    from_ms: given(z.number()),
    to_ms: given(z.number()),
    session_id: given(z.string()),
    surface: given(z.string()),
    position: given(z.number()),
    dwell_ms: given(z.number()),
    viewport_pct: given(z.number()),
    device: given(z.string()),
  })
  .transform((row): ViewerAct => {
    const optional = {
      value: row.value,
      fromMs: row.from_ms,
      toMs: row.to_ms,
      sessionId: row.session_id,
      surface: row.surface,
      position: row.position,
      dwellMs: row.dwell_ms,
      viewportPct: row.viewport_pct,
      device: row.device,
    };
    const values = Object.entries(optional).filter(([, value]) => value !== null);
    return { filmId: row.film_id, type: row.type, at: Math.floor(row.at), ...Object.fromEntries(values) };
  });

/** Profiles of one account, in the order they were made; null = no such account. */
export async function profilesOf(pool: pg.Pool, accountId: string): Promise<Profile[] | null> {
  const { rows } = await pool.query<{ profiles: unknown[] }>(
    `SELECT coalesce(jsonb_agg(jsonb_build_object(
       'profileId', profile_id, 'accountId', account_id, 'name', name, 'market', market, 'birthYear', birth_year,
       'isKids', is_kids, 'isAdultDeclared', is_adult_declared, 'consent', consent, 'isDemo', is_demo,
       'createdAt', to_char(p.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))
       ORDER BY p.created_at, profile_id COLLATE "C") FILTER (WHERE profile_id IS NOT NULL), '[]') AS profiles
     FROM accounts LEFT JOIN profiles AS p USING (account_id) WHERE account_id = $1 GROUP BY account_id`,
    [accountId],
  );
  return rows[0] === undefined ? null : rows[0].profiles.map((profile) => profileSchema.parse(profile));
}
