-- grain: one row per film of the catalogue that a viewer of a range of buckets dealt with, or wants hidden
-- key: viewer_row, film_index
-- inputs: interactions, bucket_viewers, film_index
-- params: first_bucket INTEGER, last_bucket INTEGER, evidence_kinds VARCHAR[]
-- weight_micro: signed by the preference, 0 = unobserved
-- flags: bit 0 seen, bit 1 disliked, bit 2 hidden on request, from bit 3 the kind's position, 0 = none
WITH dealt_with AS (
  SELECT pid, film_id, preference, w_micro, is_seen, is_disliked, kind
  FROM interactions
  WHERE bucket BETWEEN getvariable('first_bucket') AND getvariable('last_bucket')
),

hidden AS (
  SELECT pid, unnest(hidden_films) AS film_id, true AS is_hidden FROM bucket_viewers
)

SELECT
  v.viewer_row,
  f.film_index,
  (CASE preference WHEN 1 THEN w_micro WHEN 0 THEN -w_micro ELSE 0 END)::INTEGER AS weight_micro,
  (
    coalesce(is_seen, false)::INTEGER
    + 2 * coalesce(is_disliked, false)::INTEGER
    + 4 * coalesce(is_hidden, false)::INTEGER
    + 8 * coalesce(list_position(getvariable('evidence_kinds'), kind), 0)
  )::INTEGER AS flags
FROM dealt_with
FULL JOIN hidden USING (pid, film_id)
JOIN bucket_viewers AS v USING (pid)
JOIN film_index AS f USING (film_id)
