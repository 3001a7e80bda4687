-- grain: one row per (pid, film_id): the eligible vote. Regular voters only: enough rated titles, or enough of this film
--   watched; one vote per viewer and title, the newest (science B.4)
-- key: pid, film_id
-- inputs: newest_ratings, midpoints, watches
-- params: bucket_from, bucket_to, votes_min_rated, votes_min_watched
SELECT pid, film_id, rating
FROM newest_ratings
JOIN midpoints USING (pid)
LEFT JOIN watches USING (pid, film_id)
WHERE newest_ratings.bucket BETWEEN getvariable('bucket_from') AND getvariable('bucket_to')
  AND (
    count_rated >= getvariable('votes_min_rated')
    OR coalesce(best_share_micro >= getvariable('votes_min_watched'), false)
  )
