-- grain: one row per viewer to rehearse with
-- key: pid
-- inputs: scored
-- params: sample_seed VARCHAR, sample_size INTEGER (of each kind of answer)
SELECT pid::VARCHAR AS pid
FROM scored
QUALIFY
  row_number() OVER (PARTITION BY served_by ORDER BY md5(getvariable('sample_seed') || pid::VARCHAR), pid)
  <= getvariable('sample_size')
