/** Columns of the tables that stages hand to each other, with DuckDB's types: what a view over no files looks like. */
export const RAW_EVENT_COLUMNS: Record<string, string> = {
  event_id: 'UUID',
  pid: 'UUID',
  film_id: 'VARCHAR',
  type: 'VARCHAR',
  ts: 'TIMESTAMP',
  value: 'SMALLINT',
  from_ms: 'BIGINT',
  to_ms: 'BIGINT',
  session_id: 'VARCHAR',
  surface: 'VARCHAR',
  position: 'INTEGER',
  list_id: 'VARCHAR',
  release_id: 'VARCHAR',
  dwell_ms: 'INTEGER',
  viewport_pct: 'SMALLINT',
  device: 'VARCHAR',
  locale: 'VARCHAR',
  app_version: 'VARCHAR',
  source: 'VARCHAR',
  extra: 'VARCHAR',
};

export const EVENT_COLUMNS: Record<string, string> = { ...RAW_EVENT_COLUMNS, bucket: 'INTEGER' };

export const INTERACTION_COLUMNS: Record<string, string> = {
  bucket: 'INTEGER',
  pid: 'UUID',
  film_id: 'VARCHAR',
  preference: 'TINYINT',
  w_micro: 'INTEGER',
  is_seen: 'BOOLEAN',
  is_disliked: 'BOOLEAN',
  kind: 'VARCHAR',
  rating: 'SMALLINT',
  last_at: 'TIMESTAMP',
};

export const POPULARITY_COLUMNS: Record<string, string> = {
  market: 'VARCHAR',
  band: 'INTEGER',
  film_id: 'VARCHAR',
  viewers: 'INTEGER',
};
