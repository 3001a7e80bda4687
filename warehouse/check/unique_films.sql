-- grain: one row per repeated or missing key of films
-- key: film_id
-- inputs: films
SELECT
  'block' AS severity,
  'films (film_id)' AS thing,
  'one row per key, no key missing' AS expected,
  concat_ws(', ', coalesce(film_id, 'no film_id')) || ': ' || count(*) || ' rows' AS observed,
FROM films
GROUP BY film_id
HAVING count(*) > 1 OR film_id IS NULL
ORDER BY observed
LIMIT 5
