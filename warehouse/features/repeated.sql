-- grain: one row per (pid, film_id, signal) of signals that may come many times: the newest occurrences count until
--   their strengths together reach the cap (science A.3)
-- key: pid, film_id, signal
-- inputs: pass_events, passed_by, decay
-- params: share_micro, share_cap, detail_micro, detail_cap, impression_cap
WITH occurrences AS (
  SELECT
    bucket, pid, film_id, ts AS happened_at,
    if(type = 'share', 'share', 'detail') AS signal,
    if(type = 'share', getvariable('share_micro'), getvariable('detail_micro')) AS strength_micro,
    if(type = 'share', getvariable('share_cap'), getvariable('detail_cap')) AS cap_micro,
    1 AS direction,
  FROM pass_events
  WHERE type IN ('share', 'detail_open', 'trailer_play')
  UNION ALL
  SELECT
    bucket, pid, film_id, seen_at, 'impression', strength_micro, getvariable('impression_cap'), -1
  FROM passed_by
),
running AS (
  SELECT
    *,
    sum(strength_micro) OVER (
      PARTITION BY pid, film_id, signal ORDER BY happened_at DESC ROWS UNBOUNDED PRECEDING
    )::BIGINT AS running_micro,
  FROM occurrences
)
SELECT
  min(r.bucket) AS bucket, pid, film_id, r.signal,
  sum(direction * decay_micro * counted_micro(strength_micro, running_micro, cap_micro))::BIGINT AS pico,
  max(happened_at) AS happened_at,
FROM running AS r
JOIN decay ON decay.signal = r.signal AND decay.age_days = age_days(r.happened_at)
GROUP BY pid, film_id, r.signal
