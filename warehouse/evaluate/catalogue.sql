-- grain: one row per film that was in the catalogue at the cut; film numbers them by ascending film_id
-- key: film_id
-- inputs: films, interactions (of the train part), eligible_films, weighted_rating (of the train part)
-- params: cut_at, popularity_days, fresh_days
WITH liked AS (
  SELECT
    film_id,
    count(*)::INTEGER AS positives,
    count(*) FILTER (
      last_at >= getvariable('cut_at') - to_days(getvariable('popularity_days'))
    )::INTEGER AS recent_positives,
  FROM interactions
  WHERE preference = 1
  GROUP BY film_id
)
SELECT
  film_id,
  (row_number() OVER (ORDER BY film_id) - 1)::INTEGER AS film,
  coalesce(film_row, -1) AS film_row,
  coalesce(liked.positives, 0) AS positives,
  coalesce(recent_positives, 0) AS recent_positives,
  coalesce(votes, 0)::INTEGER AS votes,
  coalesce(rating_sum, 0)::DOUBLE AS rating_sum,
  certificates,
  markets,
  title,
  genres,
  languages,
  coalesce(added_at >= getvariable('cut_at') - to_days(getvariable('fresh_days')), false) AS is_fresh,
FROM films
LEFT JOIN liked USING (film_id)
LEFT JOIN eligible_films USING (film_id)
LEFT JOIN weighted_rating USING (film_id)
WHERE added_at IS NULL OR added_at <= getvariable('cut_at')
