-- grain: one row: events of the night against the median of the same weekday in the 28 days before; an empty day warns
-- key: none, a single row
-- inputs: events
-- params: night_from, night_to, volume_warn, volume_block
WITH daily AS (
  SELECT ts::DATE AS event_date, count(*) AS count_events
  FROM events
  WHERE ts >= getvariable('night_from') - INTERVAL 28 DAY AND ts < getvariable('night_to')
  GROUP BY event_date
),
compared AS (
  SELECT
    coalesce(sum(count_events) FILTER (event_date = getvariable('night_from')::DATE), 0) AS count_events,
    quantile_cont(count_events, 0.5) FILTER (
      event_date < getvariable('night_from')::DATE
      AND dayofweek(event_date) = dayofweek(getvariable('night_from'))
    ) AS usual,
  FROM daily
)
SELECT
  CASE
    WHEN count_events = 0 THEN 'warn'
    WHEN count_events < usual * getvariable('volume_block') THEN 'block'
    WHEN count_events < usual * getvariable('volume_warn') THEN 'warn'
    ELSE 'ok'
  END AS severity,
  'events of ' || getvariable('night_from')::DATE AS thing,
  CASE
    WHEN usual IS NULL THEN 'some (no such weekday in the 28 days before to compare with)'
    ELSE format('at least {} of the {:.0f} usual on this weekday', percent(getvariable('volume_warn')), usual)
  END AS expected,
  if(count_events = 0, 'none', count_events || ' events') AS observed,
FROM compared
