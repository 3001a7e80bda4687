-- grain: one row per film
-- key: film_id
-- inputs: films, interactions
-- params: as_of, popularity_days
SELECT
  film_id,
  count(preference)::INTEGER AS raters,
  count(*) FILTER (preference = 1)::INTEGER AS positives,
  count(*) FILTER (
    preference = 1 AND last_at >= getvariable('as_of') - to_days(getvariable('popularity_days'))
  )::INTEGER AS plays28,
FROM films LEFT JOIN interactions USING (film_id)
GROUP BY film_id
ORDER BY film_id
