-- grain: one row per row of a file; typed as raw events where that is possible, with the faults of those where it is not
-- key: none (a file may repeat itself)
-- inputs: source_rows (all text), viewers_now; params: source_name, default_type, value_scale (of their rating to 1..10),
--   event_types. A rating 0 is out of range, never "unrated"; a number that does not parse is a fault, never NULL.
WITH parsed AS (
  SELECT
    *,
    TRY_CAST(event_id AS UUID) AS parsed_event_id,
    instant_of(ts) AS parsed_ts,
    TRY_CAST(value AS DOUBLE) * getvariable('value_scale') AS scaled,
    TRY_CAST(from_ms AS BIGINT) AS parsed_from_ms,
    TRY_CAST(to_ms AS BIGINT) AS parsed_to_ms,
    TRY_CAST(position AS INTEGER) AS parsed_position,
    TRY_CAST(dwell_ms AS INTEGER) AS parsed_dwell_ms,
    TRY_CAST(round(TRY_CAST(viewport_pct AS DOUBLE)) AS SMALLINT) AS parsed_viewport_pct
  FROM source_rows
)

SELECT
  rows.parsed_event_id AS event_id,
  rows.user_id,
  coalesce(rows.pid, viewers_now.pid, CASE WHEN rows.user_id <> '' THEN pid_of(rows.user_id) END) AS pid,
  viewers_now.pid IS NOT NULL AS is_known_user,
  nullif(rows.film_id, '') AS film_id,
  coalesce(nullif(rows.type, ''), getvariable('default_type')) AS type,
  rows.parsed_ts AS ts,
  NULL::TIMESTAMP AS ingested_at,
  CASE WHEN rows.scaled BETWEEN -1000 AND 1000 THEN rows.scaled::SMALLINT END AS value,
  rows.parsed_from_ms AS from_ms,
  rows.parsed_to_ms AS to_ms,
  rows.session_id,
  rows.carried_session,
  rows.surface,
  rows.parsed_position AS position,
  rows.list_id,
  rows.release_id,
  rows.parsed_dwell_ms AS dwell_ms,
  rows.parsed_viewport_pct AS viewport_pct,
  rows.device,
  rows.locale,
  rows.app_version,
  coalesce(rows.carried_source, getvariable('source_name')) AS source,
  coalesce(rows.carried_extra, rows.extra) AS extra,
  rows.cells,
  [
    CASE WHEN rows.event_id <> '' AND rows.parsed_event_id IS NULL THEN 'event_id:invalid' END,
    CASE WHEN coalesce(rows.user_id, '') = '' AND rows.pid IS NULL THEN 'user:missing' END,
    CASE WHEN coalesce(rows.ts, '') = '' THEN 'ts:missing' WHEN rows.parsed_ts IS NULL THEN 'ts:invalid' END,
    CASE WHEN rows.value <> '' AND (rows.scaled IS NULL OR rows.scaled <> round(rows.scaled)) THEN 'value:invalid' END,
    CASE
      WHEN (rows.from_ms <> '' AND rows.parsed_from_ms IS NULL) OR (rows.to_ms <> '' AND rows.parsed_to_ms IS NULL)
        THEN 'watch:invalid'
    END,
    CASE WHEN rows.position <> '' AND rows.parsed_position IS NULL THEN 'position:invalid' END,
    CASE WHEN rows.dwell_ms <> '' AND rows.parsed_dwell_ms IS NULL THEN 'dwell:invalid' END,
    CASE WHEN rows.viewport_pct <> '' AND rows.parsed_viewport_pct IS NULL THEN 'viewport:invalid' END
  ] AS faults
FROM parsed AS rows
LEFT JOIN viewers_now ON viewers_now.user_id = rows.user_id
