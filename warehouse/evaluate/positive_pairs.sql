-- grain: one row per (viewer, film) that the viewer liked in the train part; numbered
-- key: viewer, film
-- inputs: interactions (of the train part), judged_viewers, catalogue
-- params: none
SELECT viewer, film, w_micro AS weight_micro, is_seen::INTEGER AS is_seen
FROM interactions
JOIN judged_viewers USING (pid)
JOIN catalogue USING (film_id)
WHERE preference = 1
ORDER BY viewer, film
