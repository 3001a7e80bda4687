-- grain: one row per relevant (viewer, film), numbered
-- key: viewer, film
-- inputs: relevance, judged_viewers, catalogue
-- params: none
SELECT viewer, film
FROM relevance
JOIN judged_viewers USING (pid)
JOIN catalogue USING (film_id)
ORDER BY viewer, film
