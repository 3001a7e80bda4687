-- grain: one row per event_id: events of the days being written, typed, once each, with their bucket
-- key: event_id
-- inputs: raw_events (every segment that holds one of the days)
-- params: buckets, days (a list of dates)
SELECT
  event_id, pid, film_id, type, ts, value, from_ms, to_ms, session_id, surface, position, list_id, release_id,
  dwell_ms, viewport_pct, device, locale, app_version, source, extra,
  bucket_of(pid, getvariable('buckets'))::INTEGER AS bucket,
FROM raw_events
SEMI JOIN (SELECT unnest(getvariable('days')) AS event_date) ON ts::DATE = event_date
-- Of an event repeated within a day the earliest counts (days must not depend on which others are written with them);
-- the columns after (ts, source) only make the choice the same every time.
QUALIFY row_number() OVER (
  PARTITION BY event_id, ts::DATE
  ORDER BY ts, source, pid, film_id, type, value, from_ms, to_ms, session_id, position, dwell_ms, surface, extra
) = 1
ORDER BY ts::DATE, bucket, pid, ts, event_id
