import type pg from 'pg';
import type { Exclusion, ExclusionChange, ExclusionKind } from '../../contracts/exclusions.js';

/** Unchanged when it holds already, so that saying it twice is saying it once. `known` = the profile exists. */
const EXCLUDE = `
WITH known AS (SELECT profile_id FROM profiles WHERE profile_id = $1),
changed AS (
  INSERT INTO exclusions (profile_id, film_id, kind) SELECT profile_id, $2, $3 FROM known
  ON CONFLICT (profile_id, film_id, kind) DO UPDATE SET is_active = true, excluded_at = now(), changed_at = now()
    WHERE NOT exclusions.is_active
  RETURNING 1
)
SELECT (SELECT count(*) FROM known)::integer AS known, (SELECT count(*) FROM changed)::integer AS changed`;

export async function exclude(
  pool: pg.Pool,
  profileId: string,
  filmId: string,
  kind: ExclusionKind,
): Promise<'excluded' | 'already' | 'unknown-profile'> {
  const { rows } = await pool.query<{ known: number; changed: number }>(EXCLUDE, [profileId, filmId, kind]);
  if (rows[0]?.known !== 1) return 'unknown-profile';
  return rows[0].changed === 1 ? 'excluded' : 'already';
}

/** True when it held until now. */
export async function undoExclusion(
  pool: pg.Pool,
  profileId: string,
  filmId: string,
  kind: ExclusionKind,
): Promise<boolean> {
  const { rowCount } = await pool.query(
    `UPDATE exclusions SET is_active = false, changed_at = now()
     WHERE profile_id = $1 AND film_id = $2 AND kind = $3 AND is_active`,
    [profileId, filmId, kind],
  );
  return rowCount === 1;
}

/** Those that hold, newest first. */
export async function exclusionsOf(pool: pg.Pool, profileId: string): Promise<Exclusion[]> {
  const { rows } = await pool.query<{ filmId: string; kind: ExclusionKind; at: Date }>(
    `SELECT film_id AS "filmId", kind, excluded_at AS at FROM exclusions
     WHERE profile_id = $1 AND is_active ORDER BY excluded_at DESC, film_id COLLATE "C", kind`,
    [profileId],
  );
  return rows.map(({ filmId, kind, at }) => ({ filmId, kind, excludedAt: at.toISOString() }));
}

/** Everything said since an instant, and the database's own time of reading it: clocks of other machines may differ. */
export async function exclusionChanges(
  pool: pg.Pool,
  since: string,
): Promise<{ changes: ExclusionChange[]; readAt: string }> {
  const { rows } = await pool.query<{ at: Date; changes: ExclusionChange[] }>(
    `SELECT now() AS at, coalesce((
       SELECT jsonb_agg(jsonb_build_object('profileId', profile_id, 'filmId', film_id, 'kind', kind, 'isActive', is_active)
         ORDER BY profile_id, film_id, kind)
       FROM exclusions WHERE changed_at >= $1::timestamptz), '[]') AS changes`,
    [since],
  );
  const [read] = rows;
  if (read === undefined) throw new Error('exclusions: the database answered without a row');
  return { changes: read.changes, readAt: read.at.toISOString() };
}
