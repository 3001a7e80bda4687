-- grain: one row: viewers whom a cut in time can measure at most: enough events before the cut, and one at or after it
-- key: none (one row)
-- inputs: staged_events
-- params: as_of_night, cutoff, min_train_positives
WITH busy AS (
  SELECT pid
  FROM staged_events
  WHERE ts < getvariable('as_of_night')
  GROUP BY pid
  HAVING count(*) FILTER (ts < getvariable('cutoff')) >= getvariable('min_train_positives')
    AND bool_or(ts >= getvariable('cutoff'))
)
SELECT count(*)::INTEGER AS viewers,
FROM busy
