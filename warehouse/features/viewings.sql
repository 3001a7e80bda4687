-- grain: one row per (pid, film_id, viewing_no): a film watched, over one sitting or several that resume each other
-- key: pid, film_id, viewing_no
-- inputs: plays, sittings
-- params: full_from
WITH spans AS (
  SELECT
    p.pid, p.film_id, viewing_no,
    greatest(0, to_ms - greatest(from_ms, coalesce(max(to_ms) OVER earlier, from_ms))) AS covered_ms,
  FROM plays AS p JOIN sittings USING (pid, film_id, sitting_no)
  WINDOW earlier AS (
    PARTITION BY p.pid, p.film_id, viewing_no
    ORDER BY from_ms, to_ms ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
  )
),
watched AS (
  SELECT pid, film_id, viewing_no, coalesce(sum(covered_ms), 0)::BIGINT AS watched_ms
  FROM spans
  GROUP BY pid, film_id, viewing_no
),
ended AS (
  SELECT
    min(bucket) AS bucket, pid, film_id, viewing_no, any_value(runtime_min) AS runtime_min,
    make_timestamp(max(ends_us)) AS ended_at,
    count(*) FILTER (share_micro >= getvariable('full_from')) AS count_full,
  FROM sittings
  GROUP BY pid, film_id, viewing_no
)
SELECT
  bucket, pid, film_id, viewing_no, ended_at, watched_ms,
  share_micro(watched_ms, runtime_min) AS share_micro,
  greatest(
    count_full, coalesce(share_micro(watched_ms, runtime_min) >= getvariable('full_from'), false)::INTEGER
  ) AS count_completions,
FROM watched JOIN ended USING (pid, film_id, viewing_no)
