-- grain: one row per column that a source sends and the schema does not know; its values are kept in `extra`
-- key: thing
-- inputs: events
-- params: night_from, night_to
-- tsClient is ours: the client's time where it was not believed (save-events.ts), no column of theirs
WITH unknown AS (
  SELECT source, unnest(json_keys(extra)) AS name
  FROM events
  WHERE extra IS NOT NULL
    AND ts >= getvariable('night_from') AND ts < getvariable('night_to')
)
SELECT
  'warn' AS severity,
  'column ' || name || ' of source ' || source AS thing,
  'only columns that the schema or the mapping knows' AS expected,
  count(*) || ' rows of the night have it, kept but not used' AS observed,
FROM unknown
WHERE name <> 'tsClient'
GROUP BY source, name
ORDER BY thing
