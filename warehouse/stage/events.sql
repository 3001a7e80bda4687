-- grain: one row per event_id: events of the days being rewritten, typed, once each, with their bucket
-- key: event_id
-- inputs: raw_events (every segment that holds one of the days), staged_days (event_date)
-- params: buckets
SELECT
  event_id, pid, film_id, type, ts, value, from_ms, to_ms, session_id, surface, position, list_id, release_id,
  dwell_ms, viewport_pct, device, locale, app_version, source, extra,
  bucket_of(pid, getvariable('buckets'))::INTEGER AS bucket,
FROM raw_events
SEMI JOIN staged_days ON ts::DATE = event_date
-- Of a repeated event the earliest counts; the columns after (ts, source) only make the choice the same every time.
QUALIFY row_number() OVER (
  PARTITION BY event_id
  ORDER BY ts, source, pid, film_id, type, value, from_ms, to_ms, session_id, position, dwell_ms, surface, extra
) = 1
ORDER BY ts::DATE, bucket, pid, ts, event_id
