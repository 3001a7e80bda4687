-- grain: one row per repeated or missing key of mart_weighted_rating
-- key: film_id
-- inputs: mart_weighted_rating
SELECT
  'block' AS severity,
  'mart_weighted_rating (film_id)' AS thing,
  'one row per key, no key missing' AS expected,
  concat_ws(', ', coalesce(film_id, 'no film_id')) || ': ' || count(*) || ' rows' AS observed,
FROM mart_weighted_rating
GROUP BY film_id
HAVING count(*) > 1 OR film_id IS NULL
ORDER BY observed
LIMIT 5
