-- grain: one row per play event, with the sitting it belongs to: plays of a pair without a gap longer than sitting_gap_us
-- key: none (events may repeat each other); sitting = (pid, film_id, sitting_no)
-- inputs: pass_events
-- params: sitting_gap_us
WITH spans AS (
  SELECT
    bucket, pid, film_id, surface, epoch_us(ts) AS ends_us,
    CASE WHEN to_ms >= from_ms THEN from_ms END AS from_ms,
    CASE WHEN to_ms >= from_ms THEN to_ms END AS to_ms,
    ends_us - 1000 * CASE WHEN to_ms >= from_ms THEN to_ms - from_ms ELSE 0 END AS starts_us,
  FROM pass_events
  WHERE is_play(type)
),
gaps AS (
  SELECT *, starts_us - lag(ends_us) OVER pair > getvariable('sitting_gap_us') AS is_new
  FROM spans
  WINDOW pair AS (PARTITION BY pid, film_id ORDER BY ends_us, starts_us)
)
SELECT
  * EXCLUDE (is_new),
  count(*) FILTER (is_new) OVER (
    PARTITION BY pid, film_id ORDER BY ends_us, starts_us ROWS UNBOUNDED PRECEDING
  ) AS sitting_no,
FROM gaps
