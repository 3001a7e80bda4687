-- grain: one row per repeated or missing key of mart_popularity
-- key: market, band, film_id
-- inputs: mart_popularity
SELECT
  'block' AS severity,
  'mart_popularity (market, band, film_id)' AS thing,
  'one row per key, no key missing' AS expected,
  concat_ws(', ', coalesce(market, 'no market'), coalesce(band::VARCHAR, 'no band'), coalesce(film_id, 'no film_id'))
    || ': ' || count(*) || ' rows' AS observed,
FROM mart_popularity
GROUP BY market, band, film_id
HAVING count(*) > 1 OR market IS NULL OR band IS NULL OR film_id IS NULL
ORDER BY observed
LIMIT 5
