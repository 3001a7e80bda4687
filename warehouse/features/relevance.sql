-- grain: one row per (pid, film_id) relevant in the test window: first play of relevant_from or more, a like, or a rating
--   of relevant_rating or more, of a film not seen before the cut (science C.4)
-- key: pid, film_id
-- inputs: opinions, watches, newest_ratings (all of the test part), train_interactions
-- params: relevant_from, relevant_rating
SELECT o.bucket, o.pid, o.film_id
FROM opinions AS o
LEFT JOIN watches USING (pid, film_id)
LEFT JOIN newest_ratings USING (pid, film_id)
ANTI JOIN (FROM train_interactions WHERE is_seen) AS seen USING (pid, film_id)
WHERE is_liked
  OR coalesce(best_share_micro >= getvariable('relevant_from'), false)
  OR coalesce(rating >= getvariable('relevant_rating'), false)
