-- grain: one row per (viewer, film) that lists must not show because the viewer disliked it in the train part; numbered
-- key: viewer, film
-- inputs: interactions (of the train part), judged_viewers, catalogue
-- params: none
SELECT viewer, film
FROM interactions
JOIN judged_viewers USING (pid)
JOIN catalogue USING (film_id)
WHERE is_disliked
ORDER BY viewer, film
