-- grain: one row per raw segment that is left out, because too many of its rows were refused and nobody has decided on it
-- key: thing
-- inputs: none
-- params: suspects (JSON: [{segment, rows, refused}]), max_quarantine_share
SELECT
  'warn' AS severity,
  'raw segment ' || s.segment AS thing,
  'at most ' || percent(getvariable('max_quarantine_share')) || ' refused, or a decision: '
    || 'matinee quarantine accept or discard, or replay after a fix' AS expected,
  percent(s.refused / (s.refused + s.rows)) || ' refused (' || s.refused || ' of ' || (s.refused + s.rows)
    || '), nothing of it is learnt from' AS observed,
FROM (
  SELECT unnest(from_json(getvariable('suspects'), '[{"segment":"VARCHAR","rows":"BIGINT","refused":"BIGINT"}]')) AS s
)
ORDER BY thing
