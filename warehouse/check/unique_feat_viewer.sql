-- grain: one row per repeated or missing key of feat_viewer
-- key: pid
-- inputs: feat_viewer
SELECT
  'block' AS severity,
  'feat_viewer (pid)' AS thing,
  'one row per key, no key missing' AS expected,
  concat_ws(', ', coalesce(pid::VARCHAR, 'no pid')) || ': ' || count(*) || ' rows' AS observed,
FROM feat_viewer
GROUP BY pid
HAVING count(*) > 1 OR pid IS NULL
ORDER BY observed
LIMIT 5
