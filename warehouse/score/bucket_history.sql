-- grain: one row per interaction of a range of buckets with a film of the catalogue
-- key: viewer_row, film_index
-- inputs: interactions, bucket_viewers, film_index
-- params: first_bucket INTEGER, last_bucket INTEGER, evidence_kinds VARCHAR[]
-- weight_micro: signed by the preference, 0 = unobserved; flags: bit 0 seen, bit 1 disliked, from bit 2 the kind's position, 0 = none
SELECT
  v.viewer_row,
  f.film_index,
  (CASE i.preference WHEN 1 THEN i.w_micro WHEN 0 THEN -i.w_micro ELSE 0 END)::INTEGER AS weight_micro,
  (
    i.is_seen::INTEGER
    + 2 * i.is_disliked::INTEGER
    + 4 * coalesce(list_position(getvariable('evidence_kinds'), i.kind), 0)
  )::INTEGER AS flags
FROM interactions AS i
JOIN bucket_viewers AS v USING (pid)
JOIN film_index AS f USING (film_id)
WHERE i.bucket BETWEEN getvariable('first_bucket') AND getvariable('last_bucket')
