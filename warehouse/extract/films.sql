-- grain: one row per film_id of the run's catalogue
-- key: film_id
-- inputs: films_now
SELECT film_id, title, release_year, genres, actors, directors, runtime_min, certificates, countries, languages,
  markets, added_at, external_average, external_votes
FROM films_now
ORDER BY film_id
