-- grain: one row per repeated or missing key of viewers
-- key: pid
-- inputs: viewers
SELECT
  'block' AS severity,
  'viewers (pid)' AS thing,
  'one row per key, no key missing' AS expected,
  concat_ws(', ', coalesce(pid::VARCHAR, 'no pid')) || ': ' || count(*) || ' rows' AS observed,
FROM viewers
GROUP BY pid
HAVING count(*) > 1 OR pid IS NULL
ORDER BY observed
LIMIT 5
