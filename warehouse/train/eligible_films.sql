-- grain: one row per film with enough raters to have factors; film_row numbers them by ascending film_id
-- key: film_id
-- inputs: interactions
-- params: min_item_users, as_of, trend_micros (2^(-age/H) by whole days of age in millionths, as long as it counts)
SELECT
  film_id,
  (row_number() OVER (ORDER BY film_id) - 1)::INTEGER AS film_row,
  count(*) FILTER (preference = 1)::INTEGER AS positives,
  coalesce(
    sum(getvariable('trend_micros')[age_days(last_at) + 1]) FILTER (preference = 1), 0
  )::BIGINT AS trend_micro,
FROM interactions
WHERE preference IS NOT NULL
GROUP BY film_id
HAVING count(*) >= getvariable('min_item_users')
