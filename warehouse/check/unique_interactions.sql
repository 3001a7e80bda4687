-- grain: one row per repeated or missing key of interactions
-- key: pid, film_id
-- inputs: interactions
SELECT
  'block' AS severity,
  'interactions (pid, film_id)' AS thing,
  'one row per key, no key missing' AS expected,
  concat_ws(', ', coalesce(pid::VARCHAR, 'no pid'), coalesce(film_id, 'no film_id')) || ': ' || count(*) || ' rows' AS observed,
FROM interactions
GROUP BY pid, film_id
HAVING count(*) > 1 OR pid IS NULL OR film_id IS NULL
ORDER BY observed
LIMIT 5
