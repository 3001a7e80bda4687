-- grain: one row: how a feed's rows met the catalogue, and in how many films each fact came from it
-- key: none, a single row
-- inputs: films_now (before), merged_films (after), feed
SELECT
  (SELECT count(*) FROM feed)::INTEGER AS rows,
  (SELECT count(*) FROM feed JOIN films_now USING (film_id))::INTEGER AS matched,
  count(*) FILTER (b.release_year IS DISTINCT FROM a.release_year)::INTEGER AS release_year,
  count(*) FILTER (b.genres IS DISTINCT FROM a.genres)::INTEGER AS genres,
  count(*) FILTER (b.actors IS DISTINCT FROM a.actors)::INTEGER AS actors,
  count(*) FILTER (b.directors IS DISTINCT FROM a.directors)::INTEGER AS directors,
  count(*) FILTER (b.runtime_min IS DISTINCT FROM a.runtime_min)::INTEGER AS runtime_min,
  count(*) FILTER (b.certificates IS DISTINCT FROM a.certificates)::INTEGER AS certificates,
  count(*) FILTER (b.countries IS DISTINCT FROM a.countries)::INTEGER AS countries,
  count(*) FILTER (b.languages IS DISTINCT FROM a.languages)::INTEGER AS languages,
  count(*) FILTER (b.added_at IS DISTINCT FROM a.added_at)::INTEGER AS added_at,
  count(*) FILTER (b.external_average IS DISTINCT FROM a.external_average)::INTEGER AS average_rating
FROM merged_films AS a
JOIN films_now AS b USING (film_id)
