-- grain: one row per (pid, film_id) with any event that matters: preference, weight, and what lists must know (science A.3)
-- key: pid, film_id
-- inputs: evidence, opinions, watches, newest_ratings
-- params: as_of, explicit_pico, pos_pico, neg_pico, w_max, w_neg_max, seen_from, dislike_filter_days, dislike_rating
WITH weighed AS (
  SELECT
    *,
    -- An explicit opinion silences implicit evidence of the other sign.
    explicit_pico + if(
      abs(explicit_pico) >= getvariable('explicit_pico') AND sign(explicit_pico) * sign(implicit_pico) < 0,
      0, implicit_pico
    ) AS e,
    greatest(rating_pico, like_pico, watch_pico, bookmark_pico, share_pico) AS most_pico,
    CASE
      WHEN most_pico <= 0 THEN NULL
      WHEN rating_pico = most_pico THEN 'rated'
      WHEN like_pico = most_pico THEN 'liked'
      WHEN watch_pico = most_pico THEN 'watched'
      WHEN bookmark_pico = most_pico THEN 'saved'
      ELSE 'shared'
    END AS kind,
  FROM evidence
)
SELECT
  w.bucket, w.pid, w.film_id,
  CASE
    -- `kind` is null when only pages and trailers were opened: never positive alone.
    WHEN e >= getvariable('pos_pico') AND kind IS NOT NULL THEN 1
    WHEN e <= getvariable('neg_pico') THEN 0
  END::TINYINT AS preference,
  CASE preference
    WHEN 1 THEN least(e // 1000000, getvariable('w_max'))
    WHEN 0 THEN least(-e // 1000000, getvariable('w_neg_max'))
    ELSE 0
  END::INTEGER AS w_micro,
  rating IS NOT NULL
    OR coalesce(best_share_micro >= getvariable('seen_from'), false)
    OR coalesce(is_runtime_unknown, false)
    OR coalesce(o.is_picked, false) AS is_seen,
  coalesce(o.is_disliked AND o.disliked_at >= hides_from, false)
    OR coalesce(rating <= getvariable('dislike_rating') AND rated_at >= hides_from, false) AS is_disliked,
  kind, rating, last_at,
FROM weighed AS w
LEFT JOIN opinions AS o USING (pid, film_id)
LEFT JOIN watches USING (pid, film_id)
LEFT JOIN newest_ratings USING (pid, film_id)
CROSS JOIN (SELECT getvariable('as_of') - to_days(getvariable('dislike_filter_days')) AS hides_from)
