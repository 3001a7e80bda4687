-- grain: one row per viewer to measure: enough train positives that the model knows, and a relevant film of the catalogue
-- key: pid
-- inputs: eligible_viewers, feat_viewer, relevance, catalogue, interactions (of the train part), staged_events
-- params: min_train_positives, cut_at
WITH judged AS (
  SELECT pid, viewer_row
  FROM eligible_viewers
  SEMI JOIN (FROM relevance SEMI JOIN catalogue USING (film_id)) AS wanted USING (pid)
  WHERE count_positive >= getvariable('min_train_positives')
),
first_seen AS (
  SELECT pid, min(ts) AS first_at FROM staged_events SEMI JOIN judged USING (pid) GROUP BY pid
),
positives AS (
  SELECT pid, count(*) AS positives FROM interactions SEMI JOIN judged USING (pid) WHERE preference = 1 GROUP BY pid
),
-- of most of a viewer's events before the cut that name one; of equals the first by name
devices AS (
  SELECT pid, first(device ORDER BY count_events DESC, device) AS device
  FROM (
    SELECT pid, lower(trim(device)) AS device, count(*) AS count_events
    FROM staged_events
    SEMI JOIN judged USING (pid)
    WHERE ts < getvariable('cut_at') AND trim(device) <> ''
    GROUP BY ALL
  )
  GROUP BY pid
)
SELECT
  pid,
  (row_number() OVER (ORDER BY viewer_row) - 1)::INTEGER AS viewer,
  viewer_row,
  v.market,
  v.max_age,
  greatest(coalesce(date_diff('day', first_at, getvariable('cut_at')), 0), 0)::INTEGER AS tenure_days,
  coalesce(positives, 0)::INTEGER AS positives,
  device,
FROM judged
JOIN feat_viewer AS v USING (pid)
LEFT JOIN first_seen USING (pid)
LEFT JOIN positives USING (pid)
LEFT JOIN devices USING (pid)
