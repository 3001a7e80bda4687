-- grain: one row per event_id: usable events of the buckets of this pass, only the columns that signals need
-- key: event_id
-- inputs: usable_events
-- params: bucket_from, bucket_to
SELECT
  bucket, pid, film_id, type, ts, from_ms, to_ms, session_id, surface, position, dwell_ms, viewport_pct,
FROM usable_events
WHERE bucket BETWEEN getvariable('bucket_from') AND getvariable('bucket_to') AND type <> 'scroll'
