-- grain: one row per (pid, film_id): the newest rating; of several at one instant the lowest
-- key: pid, film_id
-- inputs: usable_events
SELECT
  min(bucket) AS bucket, pid, film_id,
  arg_max(value, epoch_us(ts) * 16 - value)::SMALLINT AS rating,
  max(ts) AS rated_at,
FROM usable_events
WHERE type = 'rating'
GROUP BY pid, film_id
