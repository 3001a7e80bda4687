-- grain: one row per film of the snapshot, with its votes
-- key: film_id
-- inputs: films, mart_weighted_rating
SELECT
  f.film_id,
  f.title,
  f.release_year,
  f.genres,
  f.actors,
  f.directors,
  f.runtime_min,
  f.countries,
  f.languages,
  f.markets,
  f.certificates,
  strftime(f.added_at, '%Y-%m-%dT%H:%M:%S.%gZ') AS added_at,
  coalesce(w.votes, 0)::INTEGER AS votes,
  coalesce(w.rating_sum, 0)::DOUBLE AS rating_sum,
  f.external_average,
  f.external_votes
FROM films AS f
LEFT JOIN mart_weighted_rating AS w USING (film_id)
