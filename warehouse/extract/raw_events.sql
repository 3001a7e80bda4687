-- grain: one row per event_id of a segment; order by time, so that a reader of few days skips most row groups
-- key: event_id
-- inputs: checked; the pid key
-- Session ids become opaque here, each hashed once: a keyed hash costs as much as the rest of a row.
WITH sessions AS (
  SELECT session_id, session_of(session_id) AS opaque
  FROM (SELECT DISTINCT session_id FROM checked WHERE session_id IS NOT NULL)
)

SELECT
  event_id,
  pid,
  film_id,
  type,
  ts,
  value,
  from_ms,
  to_ms,
  coalesce(carried_session, sessions.opaque) AS session_id,
  surface,
  position,
  list_id,
  release_id,
  dwell_ms,
  viewport_pct,
  device,
  locale,
  app_version,
  source,
  extra
FROM checked
LEFT JOIN sessions USING (session_id)
WHERE len(reasons) = 0
ORDER BY ts, event_id
