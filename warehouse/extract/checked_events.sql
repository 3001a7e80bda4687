-- grain: one row per event, good or bad; an event is good when `reasons` is empty
-- key: none (repeated event ids are dropped later)
-- inputs: typed_events, films_now, macro fields_of; params: now (wall clock of the extraction), event_types
-- A time more than 24 h after it came in is a fault here (the API replaces it; a file has nobody to ask). Before 1990
-- there were no such services, but many broken clocks. Watching past 1.5 x the runtime (+ 10 min for credits and wrong
-- runtimes of short films) is a fault of the player. Half an interval would count as nothing watched.
WITH checked AS (
  SELECT
    typed.* EXCLUDE (event_id, user_id, is_known_user, ingested_at, value, faults, cells),
    coalesce(
      typed.event_id,
      md5(concat_ws(chr(31), typed.source, typed.pid, typed.film_id, typed.type, typed.ts, typed.value))::UUID
    ) AS event_id,
    CASE WHEN typed.type = 'rating' THEN typed.value END AS value,
    typed.user_id,
    typed.cells,
    list_filter(
      list_concat(typed.faults, [
        CASE WHEN typed.pid IS NOT NULL AND NOT typed.is_known_user THEN 'user:unknown' END,
        CASE
          WHEN typed.type IS NULL THEN 'type:missing'
          WHEN NOT list_contains(getvariable('event_types'), typed.type) THEN 'type:unknown'
        END,
        CASE
          WHEN typed.film_id IS NULL THEN CASE WHEN typed.type <> 'scroll' THEN 'film:missing' END
          WHEN films_now.film_id IS NULL THEN 'film:unknown'
        END,
        CASE
          WHEN typed.ts > coalesce(typed.ingested_at, getvariable('now')) + INTERVAL 24 HOUR THEN 'ts:future'
          WHEN typed.ts < TIMESTAMP '1990-01-01' THEN 'ts:too-old'
        END,
        CASE
          WHEN typed.type IS DISTINCT FROM 'rating' OR list_contains(typed.faults, 'value:invalid') THEN NULL
          WHEN typed.value IS NULL THEN 'value:missing'
          WHEN typed.value NOT BETWEEN 1 AND 10 THEN 'value:out-of-range'
        END,
        CASE
          WHEN list_contains(typed.faults, 'watch:invalid') THEN NULL
          WHEN typed.type = 'play_heartbeat' AND (typed.from_ms IS NULL OR typed.to_ms IS NULL) THEN 'watch:missing'
          WHEN typed.type = 'play_end' AND (typed.from_ms IS NULL) <> (typed.to_ms IS NULL) THEN 'watch:missing'
          WHEN typed.from_ms < 0 OR typed.to_ms < coalesce(typed.from_ms, 0) THEN 'watch:backwards'
          WHEN typed.to_ms > films_now.runtime_min * 60000 * 1.5 + 600000 THEN 'watch:over-runtime'
        END
      ]),
      lambda reason: reason IS NOT NULL
    ) AS reasons
  FROM typed_events AS typed
  LEFT JOIN films_now ON films_now.film_id = typed.film_id
)

SELECT * EXCLUDE (cells), CASE WHEN len(reasons) > 0 THEN fields_of(cells, session_id := session_id) END AS fields FROM checked
