-- grain: one row per pid of the run; the operational id ends here
-- key: pid
-- inputs: viewers_now; params: buckets
SELECT pid, bucket_of(pid, getvariable('buckets')) AS bucket, market, birth_year, is_kids, is_adult_declared, consent,
  created_at,
  coalesce(not_interested, []) AS not_interested, -- films to hide, profile files say nothing of such wishes
  coalesce(dont_use, []) AS dont_use -- films whose events count for nothing
FROM viewers_now
ORDER BY pid
