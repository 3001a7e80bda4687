-- grain: one row per (pid, event_date) that is a bot's: declared by its device, or far too many events far too fast (A.2)
-- key: pid, event_date
-- inputs: consented_events
-- params: bot_quantile, bot_max_dwell_ms, bot_devices
WITH daily AS (
  SELECT
    pid, ts::DATE AS event_date, count(*) AS count_events,
    bool_or(list_contains(getvariable('bot_devices'), lower(device))) AS is_declared,
  FROM consented_events
  GROUP BY pid, event_date
),
busiest AS (
  SELECT quantile_disc(count_events, getvariable('bot_quantile')) AS count_events FROM daily
),
busy AS (
  SELECT daily.* FROM daily, busiest WHERE daily.count_events > busiest.count_events
),
hasty AS (
  SELECT e.pid, busy.event_date
  FROM consented_events AS e
  JOIN busy ON e.pid = busy.pid AND e.ts::DATE = busy.event_date
  -- what passed by on the screen is not what its viewer dwelt on: a page posts a dozen of these for every film opened
  WHERE e.type NOT IN ('impression', 'scroll')
  GROUP BY e.pid, busy.event_date
  HAVING quantile_disc(e.dwell_ms, 0.5) < getvariable('bot_max_dwell_ms')
)
SELECT pid, event_date FROM hasty
UNION
SELECT pid, event_date FROM daily WHERE is_declared
