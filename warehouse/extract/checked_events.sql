-- grain: one row per event, good or bad; an event is good when `reasons` is empty
-- key: none (repeated event ids are dropped later)
-- inputs: typed_events, films_now, macro fields_of; params: now (wall clock of the extraction), event_types
-- A time more than 24 h after it came in is a fault here (the API replaces it; a file has nobody to ask). Before 1990
-- there were no such services, but many broken clocks. Watching past 1.5 x the runtime (+ 10 min for credits and wrong
-- runtimes of short films) is a fault of the player. Half an interval would count as nothing watched.
WITH known AS (
  SELECT
    *,
    -- A scalar subquery, not a join, for the reason given in file_events.sql.
    (
      SELECT {'film_id': films_now.film_id, 'runtime_min': films_now.runtime_min}
      FROM films_now WHERE films_now.film_id = typed_events.film_id
    ) AS film
  FROM typed_events
),

judged AS (
  SELECT
    *,
    CASE WHEN pid IS NOT NULL AND NOT is_known_user THEN 'user:unknown' END AS user_fault,
    CASE
      WHEN type IS NULL THEN 'type:missing'
      WHEN NOT list_contains(getvariable('event_types'), type) THEN 'type:unknown'
    END AS type_fault,
    CASE
      WHEN film_id IS NULL THEN CASE WHEN type <> 'scroll' THEN 'film:missing' END
      WHEN film IS NULL THEN 'film:unknown'
    END AS film_fault,
    CASE
      WHEN ts > coalesce(ingested_at, getvariable('now')) + INTERVAL 24 HOUR THEN 'ts:future'
      WHEN ts < TIMESTAMP '1990-01-01' THEN 'ts:too-old'
    END AS ts_fault,
    CASE
      WHEN type IS DISTINCT FROM 'rating' OR list_contains(faults, 'value:invalid') THEN NULL
      WHEN value IS NULL THEN 'value:missing'
      WHEN value NOT BETWEEN 1 AND 10 THEN 'value:out-of-range'
    END AS value_fault,
    CASE
      WHEN list_contains(faults, 'watch:invalid') THEN NULL
      WHEN type = 'play_heartbeat' AND (from_ms IS NULL OR to_ms IS NULL) THEN 'watch:missing'
      WHEN type = 'play_end' AND (from_ms IS NULL) <> (to_ms IS NULL) THEN 'watch:missing'
      WHEN from_ms < 0 OR to_ms < coalesce(from_ms, 0) THEN 'watch:backwards'
      WHEN to_ms > film.runtime_min::BIGINT * 90000 + 600000 THEN 'watch:over-runtime'
    END AS watch_fault
  FROM known
),

checked AS (
  SELECT
    * EXCLUDE (event_id, value),
    coalesce(event_id, md5(concat_ws(chr(31), source, pid, film_id, type, ts, value))::UUID) AS event_id,
    CASE WHEN type = 'rating' THEN value END AS value,
    -- Lists are made of bad rows alone.
    CASE
      WHEN faults IS NOT NULL
        OR coalesce(user_fault, type_fault, film_fault, ts_fault, value_fault, watch_fault) IS NOT NULL
        THEN list_filter(
          list_concat(faults, [user_fault, type_fault, film_fault, ts_fault, value_fault, watch_fault]),
          lambda reason: reason IS NOT NULL
        )
      ELSE []
    END AS reasons
  FROM judged
)

SELECT
  event_id, user_id, pid, film_id, type, ts, value, from_ms, to_ms, session_id, carried_session, surface, position, list_id,
  release_id, dwell_ms, viewport_pct, device, locale, app_version, source, extra, reasons,
  CASE WHEN len(reasons) > 0 THEN fields_of(cells, session_id := session_id) END AS fields
FROM checked
