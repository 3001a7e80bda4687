-- grain: one row per viewer of this pass with a history, as scoring read it (score/bucket_history)
-- key: pid
-- inputs: interactions, viewers, films, pass_viewers
-- params: evidence_kinds VARCHAR[]
-- history: JSON, ascending film ids; flags: bit 0 seen, bit 1 disliked, bit 2 hidden on request, from bit 3 the kind's position
WITH dealt_with AS (
  SELECT pid, film_id, preference, w_micro, is_seen, is_disliked, kind
  FROM interactions
  SEMI JOIN pass_viewers USING (pid)
),

hidden AS (
  SELECT DISTINCT pid, unnest(not_interested || dont_use) AS film_id, true AS is_hidden
  FROM viewers
  SEMI JOIN pass_viewers USING (pid)
)

SELECT
  pid,
  to_json(
    list(
      {
        filmId: film_id,
        weightMicro: (CASE preference WHEN 1 THEN w_micro WHEN 0 THEN -w_micro ELSE 0 END)::INTEGER,
        flags: (
          coalesce(is_seen, false)::INTEGER
          + 2 * coalesce(is_disliked, false)::INTEGER
          + 4 * coalesce(is_hidden, false)::INTEGER
          + 8 * coalesce(list_position(getvariable('evidence_kinds'), kind), 0)
        )::INTEGER
      } ORDER BY film_id
    )
  )::VARCHAR AS history
FROM dealt_with
FULL JOIN hidden USING (pid, film_id)
SEMI JOIN films USING (film_id)
GROUP BY pid
