-- grain: one row per event_id at or after the cut
-- key: event_id
-- inputs: staged_events
-- params: cutoff
FROM staged_events
WHERE ts >= getvariable('cutoff')
