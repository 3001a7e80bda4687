import type pg from 'pg';
import { type Film, type Profile, profileSchema } from '../../contracts/films.js';

/** Films are replaced whole: the caller's record is the truth. */
const UPSERT_FILMS = `
INSERT INTO films (film_id, title, release_year, genres, actors, directors, runtime_min, certificates, countries,
  languages, markets, added_at)
SELECT f->>'filmId', f->>'title', (f->>'releaseYear')::integer, names(f->'genres'), names(f->'actors'),
  names(f->'directors'), (f->>'runtimeMin')::integer, f->'certificates', names(f->'countries'), names(f->'languages'),
  names(f->'markets'), (f->>'addedAt')::timestamptz
FROM jsonb_array_elements($1::jsonb) AS t (f)
ON CONFLICT (film_id) DO UPDATE SET
  title = excluded.title, release_year = excluded.release_year, genres = excluded.genres, actors = excluded.actors,
  directors = excluded.directors, runtime_min = excluded.runtime_min, certificates = excluded.certificates,
  countries = excluded.countries, languages = excluded.languages, markets = excluded.markets,
  added_at = excluded.added_at`;

const UPSERT_PROFILES = `
WITH given AS (
  SELECT p->>'profileId' AS profile_id, p->>'accountId' AS account_id, p->>'name' AS name, p->>'market' AS market,
    (p->>'birthYear')::integer AS birth_year, (p->>'isKids')::boolean AS is_kids,
    (p->>'isAdultDeclared')::boolean AS is_adult_declared, (p->>'consent')::integer AS consent,
    (p->>'createdAt')::timestamptz AS created_at, (p->>'isDemo')::boolean AS is_demo
  FROM jsonb_array_elements($1::jsonb) AS t (p)
), holders AS (
  INSERT INTO accounts (account_id) SELECT DISTINCT account_id FROM given ORDER BY account_id ON CONFLICT DO NOTHING
)
INSERT INTO profiles (profile_id, account_id, name, market, birth_year, is_kids, is_adult_declared, consent, created_at,
  is_demo)
SELECT profile_id, account_id, name, market, birth_year, is_kids, is_adult_declared, consent,
  coalesce(created_at, now()), is_demo FROM given
ON CONFLICT (profile_id) DO UPDATE SET
  account_id = excluded.account_id, name = excluded.name, market = excluded.market, birth_year = excluded.birth_year,
  is_kids = excluded.is_kids, is_adult_declared = excluded.is_adult_declared, consent = excluded.consent, is_demo = excluded.is_demo`;

/** Rows per statement: bounds the JSON text of one round trip to about a megabyte. */
const BATCH = 2000;

export async function upsertFilms(pool: pg.Pool, films: Film[]): Promise<number> {
  return inBatches(
    pool,
    UPSERT_FILMS,
    lastOfEach(films, (film) => film.filmId),
  );
}

export async function upsertProfiles(pool: pg.Pool, profiles: Profile[]): Promise<number> {
  return inBatches(
    pool,
    UPSERT_PROFILES,
    lastOfEach(profiles, (profile) => profile.profileId),
  );
}

/** A row of profiles as `profileSchema` reads it. */
const PROFILE = `jsonb_build_object(
  'profileId', profile_id, 'accountId', account_id, 'name', name, 'market', market, 'birthYear', birth_year,
  'isKids', is_kids, 'isAdultDeclared', is_adult_declared, 'consent', consent, 'isDemo', is_demo,
  'createdAt', to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))`;

export async function findProfile(pool: pg.Pool, profileId: string): Promise<Profile | null> {
  const { rows } = await pool.query<{ profile: unknown }>(
    `SELECT ${PROFILE} AS profile FROM profiles WHERE profile_id = $1`,
    [profileId],
  );
  return rows[0] === undefined ? null : profileSchema.parse(rows[0].profile);
}

export async function findDemoPeople(pool: pg.Pool, most: number): Promise<Profile[]> {
  const { rows } = await pool.query<{ profile: unknown }>(
    `SELECT ${PROFILE} AS profile FROM profiles WHERE is_demo
     ORDER BY account_id COLLATE "C", created_at, profile_id COLLATE "C" LIMIT $1`,
    [most],
  );
  return rows.map(({ profile }) => profileSchema.parse(profile));
}

async function inBatches(pool: pg.Pool, sql: string, records: unknown[]): Promise<number> {
  for (let start = 0; start < records.length; start += BATCH) {
    await pool.query(sql, [JSON.stringify(records.slice(start, start + BATCH))]);
  }
  return records.length;
}

/** One statement cannot touch a row twice; the last record of an id wins, as it would one by one. */
function lastOfEach<T>(records: T[], idOf: (record: T) => string): T[] {
  return [...new Map(records.map((record) => [idOf(record), record])).values()];
}
