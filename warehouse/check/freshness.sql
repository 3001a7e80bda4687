-- grain: one row: age of the newest event at T; only a live source is held to it
-- key: none, a single row
-- inputs: events
-- params: as_of, freshness_hours, is_live
SELECT
  if(getvariable('is_live') AND age_hours > getvariable('freshness_hours'), 'warn', 'ok') AS severity,
  'newest event' AS thing,
  'at most ' || getvariable('freshness_hours')::INTEGER || ' hours before ' || getvariable('as_of') AS expected,
  format('{:.1f} hours before, at {}', age_hours, newest_at::VARCHAR) AS observed,
FROM (
  SELECT
    max(ts) AS newest_at,
    (epoch_us(getvariable('as_of')) - epoch_us(newest_at)) / 3600e6 AS age_hours,
  FROM events
)
WHERE newest_at IS NOT NULL
