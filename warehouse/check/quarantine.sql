-- grain: one row: share of the night's extracted rows that were refused
-- key: none, a single row
-- inputs: none
-- params: count_extracted (rows taken over), count_quarantined, max_quarantine_share
SELECT
  severity(quarantined / greatest(seen, 1), 0, getvariable('max_quarantine_share')) AS severity,
  'rows refused at extraction' AS thing,
  'none, no training above ' || percent(getvariable('max_quarantine_share')) AS expected,
  if(seen = 0, 'no rows were extracted',
    percent(quarantined / seen) || ' (' || quarantined || ' of ' || seen || ')') AS observed,
FROM (
  SELECT
    getvariable('count_quarantined')::BIGINT AS quarantined,
    getvariable('count_quarantined')::BIGINT + getvariable('count_extracted')::BIGINT AS seen
)
