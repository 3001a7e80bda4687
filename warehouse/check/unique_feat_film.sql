-- grain: one row per repeated or missing key of feat_film
-- key: film_id
-- inputs: feat_film
SELECT
  'block' AS severity,
  'feat_film (film_id)' AS thing,
  'one row per key, no key missing' AS expected,
  concat_ws(', ', coalesce(film_id, 'no film_id')) || ': ' || count(*) || ' rows' AS observed,
FROM feat_film
GROUP BY film_id
HAVING count(*) > 1 OR film_id IS NULL
ORDER BY observed
LIMIT 5
