-- grain: one row per (pid, film_id, session) in which the film was visible and the viewer did nothing with it
-- key: pid, film_id, session
-- inputs: pass_events
-- params: impression_min_dwell_ms, impression_min_viewport_pct, impression_micro, impression_min_sessions, examination
WITH sessions AS (
  SELECT
    min(bucket) AS bucket, pid, film_id, coalesce(session_id, ts::DATE::VARCHAR) AS session,
    bool_and(type = 'impression') AS is_idle,
    -- θ falls with the position, so the best position of a session is the smallest.
    min(position) FILTER (is_visible) AS position,
    max(ts) FILTER (is_visible) AS seen_at,
  FROM (
    SELECT
      *,
      type = 'impression' AND position IS NOT NULL
        AND dwell_ms >= getvariable('impression_min_dwell_ms')
        AND viewport_pct >= getvariable('impression_min_viewport_pct') AS is_visible,
    FROM pass_events
  )
  GROUP BY pid, film_id, session
)
SELECT
  bucket, pid, film_id, session, seen_at,
  getvariable('impression_micro')
    * getvariable('examination')[greatest(1, least(position, len(getvariable('examination'))))]
    // 1000000 AS strength_micro,
FROM sessions
WHERE is_idle AND seen_at IS NOT NULL
QUALIFY count(*) OVER (PARTITION BY pid, film_id) >= getvariable('impression_min_sessions')
