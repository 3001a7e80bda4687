-- grain: one row per (viewer, film) that the viewer liked in the train part; numbered
-- key: viewer, film
-- inputs: interactions (of the train part), judged_viewers, catalogue
-- params: cut_at, recent_days
SELECT
  viewer,
  film,
  w_micro AS weight_micro,
  (last_at >= getvariable('cut_at') - to_days(getvariable('recent_days')))::INTEGER AS is_recent,
FROM interactions
JOIN judged_viewers USING (pid)
JOIN catalogue USING (film_id)
WHERE preference = 1
ORDER BY viewer, film
