-- grain: one row per (pid, film_id) that was played. The strongest viewing counts in full; every further completion adds
--   rewatch_micro, newest first, until the strengths together reach watch_cap (science A.3)
-- key: pid, film_id
-- inputs: viewings, decay
-- params: rewatch_micro, watch_cap
WITH valued AS (
  SELECT v.*, watch_strength(share_micro, watched_ms) AS strength_micro, decay_micro
  FROM viewings AS v
  JOIN decay ON decay.signal = 'watch' AND decay.age_days = age_days(v.ended_at)
),
ranked AS (
  SELECT
    *,
    row_number() OVER (
      PARTITION BY pid, film_id ORDER BY strength_micro * decay_micro DESC, ended_at DESC
    ) = 1 AS is_main,
  FROM valued
),
bonuses AS (
  SELECT
    *,
    greatest(0, count_completions - is_main::INTEGER) * getvariable('rewatch_micro') AS bonus_micro,
    greatest(0, getvariable('watch_cap') - max(strength_micro) FILTER (is_main) OVER (PARTITION BY pid, film_id))
      AS room_micro,
  FROM ranked
),
running AS (
  SELECT
    *,
    sum(bonus_micro) OVER (
      PARTITION BY pid, film_id ORDER BY ended_at DESC ROWS UNBOUNDED PRECEDING
    )::BIGINT AS running_micro,
  FROM bonuses
)
SELECT
  min(bucket) AS bucket, pid, film_id,
  sum(
    decay_micro
    * (if(is_main, strength_micro, 0) + counted_micro(bonus_micro, running_micro, room_micro))
  )::BIGINT AS watch_pico,
  max(share_micro) AS best_share_micro,
  bool_or(share_micro IS NULL) AS is_runtime_unknown,
FROM running
GROUP BY pid, film_id
