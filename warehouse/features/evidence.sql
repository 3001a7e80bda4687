-- grain: one row per (pid, film_id) with an act or with enough scroll-past: its evidence by signal, in 10^-12
-- key: pid, film_id
-- inputs: signals, opinions, repeated
WITH summed AS (
  SELECT
    pid, film_id,
    coalesce(sum(pico) FILTER (signal = 'rating'), 0)::BIGINT AS rating_pico,
    coalesce(sum(pico) FILTER (signal = 'like'), 0)::BIGINT AS like_pico,
    coalesce(sum(pico) FILTER (signal = 'viewing'), 0)::BIGINT AS viewing_pico,
    coalesce(sum(pico) FILTER (signal = 'watch'), 0)::BIGINT AS watch_pico,
    coalesce(sum(pico) FILTER (signal = 'bookmark'), 0)::BIGINT AS bookmark_pico,
    coalesce(sum(pico) FILTER (signal = 'share'), 0)::BIGINT AS share_pico,
    coalesce(sum(pico) FILTER (signal = 'detail'), 0)::BIGINT AS detail_pico,
    coalesce(sum(pico) FILTER (signal = 'impression'), 0)::BIGINT AS impression_pico,
  FROM signals
  GROUP BY pid, film_id
),
-- Acts without any strength are evidence of nothing but still say when the pair was last touched.
touched AS (
  SELECT bucket, pid, film_id, acted_at AS last_at FROM opinions
  UNION ALL
  SELECT bucket, pid, film_id, happened_at FROM repeated ANTI JOIN opinions USING (pid, film_id)
)
SELECT
  bucket, pid, film_id, last_at,
  coalesce(rating_pico + like_pico, 0) AS explicit_pico,
  coalesce(viewing_pico + watch_pico + bookmark_pico + share_pico + detail_pico + impression_pico, 0) AS implicit_pico,
  -- Why a pair counts that was rated and not played: the rating.
  coalesce(rating_pico + viewing_pico, 0) AS rating_pico, coalesce(like_pico, 0) AS like_pico, coalesce(watch_pico, 0) AS watch_pico,
  coalesce(bookmark_pico, 0) AS bookmark_pico, coalesce(share_pico, 0) AS share_pico,
FROM touched LEFT JOIN summed USING (pid, film_id)
