-- grain: one row per viewer of a bucket
-- key: pid
-- inputs: feat_viewer
-- params: bucket INTEGER
SELECT
  pid,
  (row_number() OVER (ORDER BY pid) - 1)::INTEGER AS viewer_row,
  market,
  max_age,
  is_personal
FROM feat_viewer
WHERE bucket = getvariable('bucket')
