-- grain: one row per event_id of a segment; order by time, so that a reader of few days skips most row groups
-- key: event_id
-- inputs: checked
SELECT
  event_id,
  pid,
  film_id,
  type,
  ts,
  value,
  from_ms,
  to_ms,
  session_id,
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
WHERE len(reasons) = 0
ORDER BY ts, event_id
