-- grain: one row per (viewer, film) that the train part keeps out of lists: seen, or disliked; numbered
-- key: viewer, film
-- inputs: interactions (of the train part), judged_viewers, catalogue
-- params: none
SELECT viewer, film
FROM interactions
JOIN judged_viewers USING (pid)
JOIN catalogue USING (film_id)
WHERE is_seen OR is_disliked
ORDER BY viewer, film
