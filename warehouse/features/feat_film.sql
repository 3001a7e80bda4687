-- grain: one row per film: what is known of it, and how many dealt with it
-- key: film_id
-- inputs: films, interactions
-- params: as_of, popularity_days
WITH counted AS (
  SELECT
    film_id,
    count(preference)::INTEGER AS raters,
    count(*) FILTER (preference = 1)::INTEGER AS positives,
    count(*) FILTER (
      preference = 1 AND last_at >= getvariable('as_of') - to_days(getvariable('popularity_days'))
    )::INTEGER AS plays28,
  FROM interactions
  GROUP BY film_id
)
SELECT
  f.film_id,
  f.genres,
  f.actors,
  f.directors,
  f.countries,
  f.languages,
  f.release_year,
  f.runtime_min,
  f.certificates,
  f.added_at,
  coalesce(raters, 0) AS raters,
  coalesce(positives, 0) AS positives,
  coalesce(plays28, 0) AS plays28,
FROM films AS f LEFT JOIN counted USING (film_id)
ORDER BY f.film_id
