-- grain: one row per row of a file; typed as raw events where that is possible, with the faults of those where it is not
-- inputs: source_rows (all text), viewers_now; params: source_name, default_type, value_scale (of their rating to 1..10),
--   event_types. A rating 0 is out of range, never "unrated"; a number that does not parse is a fault, never NULL.
SELECT
  TRY_CAST(rows.event_id AS UUID) AS event_id,
  rows.user_id,
  coalesce(rows.pid, viewers_now.pid, CASE WHEN rows.user_id <> '' THEN pid_of(rows.user_id) END) AS pid,
  viewers_now.pid IS NOT NULL OR known_pids.pid IS NOT NULL AS is_known_user,
  nullif(rows.film_id, '') AS film_id,
  coalesce(nullif(rows.type, ''), getvariable('default_type')) AS type,
  instant_of(rows.ts) AS ts,
  NULL::TIMESTAMP AS ingested_at,
  CASE
    WHEN TRY_CAST(rows.value AS DOUBLE) * getvariable('value_scale') BETWEEN -1000 AND 1000
      THEN (TRY_CAST(rows.value AS DOUBLE) * getvariable('value_scale'))::SMALLINT
  END AS value,
  TRY_CAST(rows.from_ms AS BIGINT) AS from_ms,
  TRY_CAST(rows.to_ms AS BIGINT) AS to_ms,
  rows.session_id,
  rows.surface,
  TRY_CAST(rows.position AS INTEGER) AS position,
  rows.list_id,
  rows.release_id,
  TRY_CAST(rows.dwell_ms AS INTEGER) AS dwell_ms,
  TRY_CAST(round(TRY_CAST(rows.viewport_pct AS DOUBLE)) AS SMALLINT) AS viewport_pct,
  rows.device,
  rows.locale,
  rows.app_version,
  coalesce(rows.carried_source, getvariable('source_name')) AS source,
  coalesce(rows.carried_extra, rows.extra) AS extra,
  rows.cells,
  [
    CASE WHEN rows.event_id <> '' AND TRY_CAST(rows.event_id AS UUID) IS NULL THEN 'event_id:invalid' END,
    CASE WHEN coalesce(rows.user_id, '') = '' AND rows.pid IS NULL THEN 'user:missing' END,
    CASE WHEN coalesce(rows.ts, '') = '' THEN 'ts:missing' WHEN instant_of(rows.ts) IS NULL THEN 'ts:invalid' END,
    CASE
      WHEN coalesce(rows.value, '') = '' THEN NULL
      WHEN TRY_CAST(rows.value AS DOUBLE) IS NULL THEN 'value:invalid'
      WHEN TRY_CAST(rows.value AS DOUBLE) * getvariable('value_scale')
        <> round(TRY_CAST(rows.value AS DOUBLE) * getvariable('value_scale')) THEN 'value:invalid'
    END,
    CASE
      WHEN (rows.from_ms <> '' AND TRY_CAST(rows.from_ms AS BIGINT) IS NULL)
        OR (rows.to_ms <> '' AND TRY_CAST(rows.to_ms AS BIGINT) IS NULL) THEN 'watch:invalid'
    END,
    CASE WHEN rows.position <> '' AND TRY_CAST(rows.position AS INTEGER) IS NULL THEN 'position:invalid' END,
    CASE WHEN rows.dwell_ms <> '' AND TRY_CAST(rows.dwell_ms AS INTEGER) IS NULL THEN 'dwell:invalid' END,
    CASE WHEN rows.viewport_pct <> '' AND TRY_CAST(rows.viewport_pct AS DOUBLE) IS NULL THEN 'viewport:invalid' END
  ] AS faults
FROM source_rows AS rows
LEFT JOIN viewers_now ON viewers_now.user_id = rows.user_id
LEFT JOIN (SELECT pid FROM viewers_now) AS known_pids ON known_pids.pid = rows.pid
