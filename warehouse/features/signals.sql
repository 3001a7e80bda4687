-- grain: one row per (pid, film_id, signal): strength × decay in 10^-12, summed over the signal's events (science A.3)
-- key: pid, film_id, signal
-- inputs: newest_ratings, midpoints, opinions, watches, repeated, decay
-- params: bucket_from, bucket_to, rating_scale, rating_min, rating_max, like_micro, dislike_micro, bookmark_micro,
--   unbookmark_micro, viewing_micro
WITH once AS (
  SELECT
    bucket, pid, film_id, 'rating' AS signal, 'rating' AS half_life, rated_at AS happened_at,
    least(getvariable('rating_max'), greatest(getvariable('rating_min'),
      (rating::BIGINT * 1000000 - midpoint_micro) * 1000000 // getvariable('rating_scale')
    )) AS strength_micro,
  FROM newest_ratings JOIN midpoints USING (pid)
  WHERE bucket BETWEEN getvariable('bucket_from') AND getvariable('bucket_to')
  UNION ALL
  SELECT bucket, pid, film_id, 'like', 'like', liked_at, getvariable('like_micro')
  FROM opinions WHERE is_liked
  UNION ALL
  SELECT bucket, pid, film_id, 'like', 'dislike', disliked_at, getvariable('dislike_micro')
  FROM opinions WHERE is_disliked
  UNION ALL
  SELECT
    bucket, pid, film_id, 'bookmark', 'bookmark', bookmarked_at,
    if(is_saved, getvariable('bookmark_micro'), getvariable('unbookmark_micro')),
  FROM opinions WHERE bookmarked_at IS NOT NULL
  UNION ALL
  -- Who rates a film has watched it, where no player can say how much of it.
  SELECT bucket, pid, film_id, 'viewing', 'watch', rated_at, getvariable('viewing_micro')
  FROM (
    FROM newest_ratings
    ANTI JOIN (FROM watches WHERE best_share_micro IS NOT NULL) AS measured USING (pid, film_id)
  )
  WHERE bucket BETWEEN getvariable('bucket_from') AND getvariable('bucket_to')
)
SELECT bucket, pid, film_id, once.signal, strength_micro * decay_micro AS pico
FROM once JOIN decay ON decay.signal = half_life AND decay.age_days = age_days(happened_at)
UNION ALL
SELECT bucket, pid, film_id, 'watch', watch_pico FROM watches
UNION ALL
SELECT bucket, pid, film_id, signal, pico FROM repeated
