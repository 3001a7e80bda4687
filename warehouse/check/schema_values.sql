-- grain: one row per rule about values that the snapshot's events break
-- key: thing
-- inputs: events
-- params: event_types
WITH broken AS (
  SELECT
    count(*) FILTER (NOT list_contains(getvariable('event_types'), type)) AS types,
    count(*) FILTER (type = 'rating' AND value NOT BETWEEN 1 AND 10) AS ratings,
    count(*) FILTER (to_ms < from_ms OR from_ms < 0) AS intervals,
  FROM events
),
rules AS (
  SELECT unnest([
    {thing: 'events.type', expected: 'a known event type', broken: types},
    {thing: 'events.value of ratings', expected: 'a whole number 1..10', broken: ratings},
    {thing: 'events.from_ms, to_ms', expected: '0 <= from_ms <= to_ms', broken: intervals}
  ], recursive := true)
  FROM broken
)
SELECT 'block' AS severity, thing, expected, broken || ' rows that are not' AS observed
FROM rules
WHERE broken > 0
ORDER BY thing
