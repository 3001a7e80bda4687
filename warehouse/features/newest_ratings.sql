-- grain: one row per (pid, film_id) that is rated: the newest rating, unless it was taken back at the same time or later;
--   of several at one instant the lowest
-- key: pid, film_id
-- inputs: usable_events
SELECT
  min(bucket) AS bucket, pid, film_id,
  arg_max(value, epoch_us(ts) * 16 - value) FILTER (type = 'rating')::SMALLINT AS rating,
  max(ts) FILTER (type = 'rating') AS rated_at,
FROM usable_events
WHERE type IN ('rating', 'unrate')
GROUP BY pid, film_id
HAVING rated_at > coalesce(max(ts) FILTER (type = 'unrate'), '-infinity'::TIMESTAMP)
