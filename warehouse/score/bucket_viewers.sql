-- grain: one row per viewer of a range of buckets
-- key: pid
-- inputs: feat_viewer
-- params: first_bucket INTEGER, last_bucket INTEGER
SELECT
  pid,
  (row_number() OVER (ORDER BY pid) - 1)::INTEGER AS viewer_row,
  market,
  max_age,
  is_personal,
  hidden_films
FROM feat_viewer
WHERE bucket BETWEEN getvariable('first_bucket') AND getvariable('last_bucket')
