-- grain: one row per relevant (viewer, film), numbered
-- key: viewer, film
-- inputs: relevance, labels, judged_viewers, catalogue
-- params: none
SELECT
  viewer,
  film,
  coalesce(is_organic, true)::INTEGER AS is_organic,
  coalesce(is_mature, false)::INTEGER AS is_mature,
FROM relevance
JOIN judged_viewers USING (pid)
JOIN catalogue USING (film_id)
LEFT JOIN labels USING (pid, film_id)
ORDER BY viewer, film
