-- grain: one row per film_id of the catalogue, with the facts of one feed
-- key: film_id
-- inputs: films_now, feed, feed_certificates (film_id, certificates: what both say together); params: prefer_theirs
-- A fact is never replaced by nothing. Titles and markets (rights) stay ours. An average without votes says nothing.
SELECT
  films_now.film_id,
  films_now.title,
  if(getvariable('prefer_theirs'), coalesce(feed.release_year, films_now.release_year),
    coalesce(films_now.release_year, feed.release_year)) AS release_year,
  preferred_names(films_now.genres, feed.genres) AS genres,
  preferred_names(films_now.actors, feed.actors) AS actors,
  preferred_names(films_now.directors, feed.directors) AS directors,
  if(getvariable('prefer_theirs'), coalesce(feed.runtime_min, films_now.runtime_min),
    coalesce(films_now.runtime_min, feed.runtime_min)) AS runtime_min,
  coalesce(feed_certificates.certificates, films_now.certificates) AS certificates,
  preferred_names(films_now.countries, feed.countries) AS countries,
  preferred_names(films_now.languages, feed.languages) AS languages,
  films_now.markets,
  coalesce(films_now.added_at, feed.added_at) AS added_at,
  -- The first feed that knows both counts.
  if(films_now.external_average IS NULL AND feed.external_votes > 0, feed.external_average, films_now.external_average)
    AS external_average,
  if(films_now.external_average IS NULL AND feed.external_average IS NOT NULL, nullif(feed.external_votes, 0),
    films_now.external_votes) AS external_votes
FROM films_now
LEFT JOIN feed USING (film_id)
LEFT JOIN feed_certificates USING (film_id)
