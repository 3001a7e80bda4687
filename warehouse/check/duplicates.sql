-- grain: one row: share of events that came more than once: taken out within a day, or still there across days
-- key: none, a single row
-- inputs: events
-- params: max_duplicate_share, count_repeats (rows that staging took out of these days)
SELECT
  severity((getvariable('count_repeats') + across) / greatest(count_rows + getvariable('count_repeats'), 1),
    getvariable('max_duplicate_share'), 1) AS severity,
  'repeated events' AS thing,
  'at most ' || percent(getvariable('max_duplicate_share')) || ' of rows' AS expected,
  getvariable('count_repeats')::BIGINT || ' repeats within a day, counted once, and ' || across
    || ' event ids on several days, of ' || count_rows || ' events' AS observed,
FROM (
  SELECT count(*) AS count_rows, count(*) - count(DISTINCT event_id) AS across FROM events
)
