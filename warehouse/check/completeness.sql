-- grain: one row per column that must be filled: share of the snapshot's events that have it
-- key: thing
-- inputs: events
-- params: min_completeness
WITH filled AS (
  SELECT
    count(*) AS count_rows,
    count(event_id) AS ids, count(pid) AS pids, count(ts) AS times,
    count(*) FILTER (type <> 'scroll') AS about_films,
    count(film_id) FILTER (type <> 'scroll') AS films,
    count(*) FILTER (type = 'rating') AS ratings, count(value) FILTER (type = 'rating') AS rated,
    count(*) FILTER (type = 'play_heartbeat') AS heartbeats,
    count(*) FILTER (type = 'play_heartbeat' AND from_ms IS NOT NULL AND to_ms IS NOT NULL) AS intervals,
  FROM events
),
columns AS (
  SELECT unnest([
    {thing: 'events.event_id', filled: ids, of: count_rows, least: 1::DOUBLE},
    {thing: 'events.pid', filled: pids, of: count_rows, least: 1::DOUBLE},
    {thing: 'events.ts', filled: times, of: count_rows, least: 1::DOUBLE},
    {thing: 'events.film_id', filled: films, of: about_films, least: getvariable('min_completeness')},
    {thing: 'events.value of ratings', filled: rated, of: ratings, least: getvariable('min_completeness')},
    {thing: 'events.from_ms, to_ms of heartbeats', filled: intervals, of: heartbeats,
     least: getvariable('min_completeness')}
  ], recursive := true)
  FROM filled
)
SELECT
  if(filled / of < least, 'block', 'ok') AS severity, thing,
  'filled in at least ' || percent(least) || ' of rows' AS expected,
  percent(filled / of) || ' of ' || of || ' rows' AS observed,
FROM columns
WHERE of > 0
ORDER BY thing
