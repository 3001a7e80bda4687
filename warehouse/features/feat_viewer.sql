-- grain: one row per viewer of the store, consenting or not
-- key: pid
-- inputs: viewers, age_limits, interactions
-- params: consent_bit
SELECT
  v.bucket, v.pid, v.market, a.max_age::INTEGER AS max_age,
  (v.consent & getvariable('consent_bit')) <> 0 AS is_personal,
  coalesce(n.count_positive, 0)::INTEGER AS n_pos,
  -- Films whose events are not used are not known as seen either, so they are kept out of lists by name.
  list_sort(list_distinct(list_concat(v.not_interested, v.dont_use))) AS hidden_films,
FROM viewers AS v
JOIN age_limits AS a
  ON a.birth_year IS NOT DISTINCT FROM v.birth_year
  AND a.is_kids = v.is_kids AND a.is_adult_declared = v.is_adult_declared
LEFT JOIN (
  SELECT pid, count(*) AS count_positive FROM interactions WHERE preference = 1 GROUP BY pid
) AS n USING (pid)
ORDER BY v.bucket, v.pid
