-- grain: one row per event_id; is_train: among the first `train_share` of its viewer's events by time
-- key: event_id
-- inputs: staged_events
-- params: as_of_night, train_share
SELECT
  *,
  row_number() OVER (PARTITION BY pid ORDER BY ts, event_id)
    <= getvariable('train_share') * count(*) OVER (PARTITION BY pid) AS is_train,
FROM staged_events
WHERE ts < getvariable('as_of_night')
