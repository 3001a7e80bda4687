-- grain: one row per viewer to measure: enough train positives that the model knows, and a relevant film of the catalogue
-- key: pid
-- inputs: eligible_viewers, feat_viewer, relevance, catalogue
-- params: min_train_positives
SELECT
  pid,
  (row_number() OVER (ORDER BY viewer_row) - 1)::INTEGER AS viewer,
  viewer_row,
  v.market,
  v.max_age,
FROM eligible_viewers
JOIN feat_viewer AS v USING (pid)
SEMI JOIN (FROM relevance SEMI JOIN catalogue USING (film_id)) AS wanted USING (pid)
WHERE count_positive >= getvariable('min_train_positives')
