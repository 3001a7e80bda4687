-- grain: one row per row of a file; typed as raw events where that is possible, with the faults of those where it is not
-- key: none (a file may repeat itself)
-- inputs: source_rows (all text), viewers_now; params: source_name, default_type, value_scale (of their rating to 1..10),
--   event_types. A rating 0 is out of range, never "unrated"; a number that does not parse is a fault, never NULL.
-- `faults` is NULL where there is none: a list for every row of a good file cost a fifth of its checking.
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
),

judged AS (
  SELECT
    *,
    CASE WHEN event_id <> '' AND parsed_event_id IS NULL THEN 'event_id:invalid' END AS event_id_fault,
    CASE WHEN coalesce(user_id, '') = '' AND pid IS NULL THEN 'user:missing' END AS user_fault,
    CASE WHEN coalesce(ts, '') = '' THEN 'ts:missing' WHEN parsed_ts IS NULL THEN 'ts:invalid' END AS ts_fault,
    CASE WHEN value <> '' AND (scaled IS NULL OR scaled <> round(scaled)) THEN 'value:invalid' END AS value_fault,
    CASE
      WHEN (from_ms <> '' AND parsed_from_ms IS NULL) OR (to_ms <> '' AND parsed_to_ms IS NULL) THEN 'watch:invalid'
    END AS watch_fault,
    CASE WHEN position <> '' AND parsed_position IS NULL THEN 'position:invalid' END AS position_fault,
    CASE WHEN dwell_ms <> '' AND parsed_dwell_ms IS NULL THEN 'dwell:invalid' END AS dwell_fault,
    CASE WHEN viewport_pct <> '' AND parsed_viewport_pct IS NULL THEN 'viewport:invalid' END AS viewport_fault
  FROM parsed
),

-- A scalar subquery, not a join: of a file DuckDB thinks so little that it would build the table on the file's side.
known AS (
  SELECT *, (SELECT viewers_now.pid FROM viewers_now WHERE viewers_now.user_id = judged.user_id) AS known_pid
  FROM judged
)

SELECT
  parsed_event_id AS event_id,
  user_id,
  coalesce(pid, known_pid, CASE WHEN user_id <> '' THEN pid_of(user_id) END) AS pid,
  known_pid IS NOT NULL AS is_known_user,
  nullif(film_id, '') AS film_id,
  coalesce(nullif(type, ''), getvariable('default_type')) AS type,
  parsed_ts AS ts,
  NULL::TIMESTAMP AS ingested_at,
  CASE WHEN scaled BETWEEN -1000 AND 1000 THEN scaled::SMALLINT END AS value,
  parsed_from_ms AS from_ms,
  parsed_to_ms AS to_ms,
  session_id,
  carried_session,
  surface,
  parsed_position AS position,
  list_id,
  release_id,
  parsed_dwell_ms AS dwell_ms,
  parsed_viewport_pct AS viewport_pct,
  device,
  locale,
  app_version,
  coalesce(carried_source, getvariable('source_name')) AS source,
  coalesce(carried_extra, extra) AS extra,
  cells,
  CASE
    WHEN coalesce(event_id_fault, user_fault, ts_fault, value_fault, watch_fault, position_fault, dwell_fault, viewport_fault)
      IS NOT NULL
      THEN [event_id_fault, user_fault, ts_fault, value_fault, watch_fault, position_fault, dwell_fault, viewport_fault]
  END AS faults
FROM known
