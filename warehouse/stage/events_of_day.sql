-- grain: one row per event_id: the staged events of one day, as they are kept
-- key: event_id
-- inputs: events (stage/events.sql)
-- params: event_date
FROM events
WHERE ts >= getvariable('event_date') AND ts < getvariable('event_date') + INTERVAL 1 DAY
ORDER BY bucket, pid, ts, event_id
