-- grain: one row per event of the operational store; typed as raw events, plus what the checks need
-- key: event_id
-- inputs: viewers_now; the CSV file named by `copied_file`; params: no others
SELECT
  copied.event_id,
  copied.user_id,
  (SELECT viewers_now.pid FROM viewers_now WHERE viewers_now.user_id = copied.user_id) AS pid,
  true AS is_known_user,
  copied.film_id,
  copied.type,
  copied.ts,
  copied.ingested_at,
  copied.value,
  copied.from_ms,
  copied.to_ms,
  copied.session_id,
  NULL::VARCHAR AS carried_session,
  copied.surface,
  copied.position,
  copied.list_id,
  copied.release_id,
  copied.dwell_ms,
  copied.viewport_pct,
  copied.device,
  copied.locale,
  copied.app_version,
  copied.source,
  copied.extra,
  {
    'event_id': copied.event_id, 'film_id': copied.film_id, 'type': copied.type, 'ts': copied.ts,
    'value': copied.value, 'from_ms': copied.from_ms, 'to_ms': copied.to_ms, 'surface': copied.surface, 'position': copied.position, 'list_id': copied.list_id,
    'release_id': copied.release_id, 'dwell_ms': copied.dwell_ms, 'viewport_pct': copied.viewport_pct,
    'device': copied.device, 'locale': copied.locale, 'app_version': copied.app_version, '_source': copied.source,
    '_extra': copied.extra
  } AS cells,
  NULL::VARCHAR[] AS faults
FROM read_csv(
  getvariable('copied_file'), header = true, auto_detect = false,
  columns = {
    'event_id': 'UUID', 'user_id': 'VARCHAR', 'film_id': 'VARCHAR', 'type': 'VARCHAR', 'ts': 'TIMESTAMP',
    'value': 'SMALLINT', 'from_ms': 'BIGINT', 'to_ms': 'BIGINT', 'session_id': 'VARCHAR', 'surface': 'VARCHAR',
    'position': 'INTEGER', 'list_id': 'VARCHAR', 'release_id': 'VARCHAR', 'dwell_ms': 'INTEGER',
    'viewport_pct': 'SMALLINT', 'device': 'VARCHAR', 'locale': 'VARCHAR', 'app_version': 'VARCHAR',
    'source': 'VARCHAR', 'extra': 'VARCHAR', 'ingested_at': 'TIMESTAMP'
  }
) AS copied
