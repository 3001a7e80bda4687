-- grain: one row per (pid, film_id, sitting_no): watched time = union of intervals; short autoplays left out (A.2)
-- key: pid, film_id, sitting_no
-- inputs: plays, films
-- params: autoplay_surface, autoplay_min_ms, resume_us
WITH spans AS (
  SELECT
    *,
    greatest(0, to_ms - greatest(from_ms, coalesce(max(to_ms) OVER earlier, from_ms))) AS covered_ms,
  FROM plays
  WINDOW earlier AS (
    PARTITION BY pid, film_id, sitting_no
    ORDER BY from_ms, to_ms ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
  )
),
sittings AS (
  SELECT
    min(bucket) AS bucket, pid, film_id, sitting_no, min(starts_us) AS starts_us, max(ends_us) AS ends_us,
    coalesce(sum(covered_ms), 0)::BIGINT AS watched_ms,
    bool_and(coalesce(surface = getvariable('autoplay_surface'), false)) AS is_autoplay,
  FROM spans
  GROUP BY pid, film_id, sitting_no
),
-- A sitting within resume_us of the one before resumes it: the same viewing.
chained AS (
  SELECT
    s.*, runtime_min, share_micro(watched_ms, runtime_min) AS share_micro,
    starts_us - lag(ends_us) OVER (PARTITION BY pid, film_id ORDER BY sitting_no)
      > getvariable('resume_us') AS is_new,
  FROM sittings AS s JOIN films USING (film_id)
  WHERE NOT (is_autoplay AND watched_ms < getvariable('autoplay_min_ms'))
)
SELECT
  * EXCLUDE (is_autoplay, is_new),
  count(*) FILTER (is_new) OVER (
    PARTITION BY pid, film_id ORDER BY sitting_no ROWS UNBOUNDED PRECEDING
  ) AS viewing_no,
FROM chained
