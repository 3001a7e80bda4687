-- grain: one row per place of a viewer's list
-- key: pid, rank
-- params: lists_ndjson VARCHAR
SELECT *
FROM read_json(
  getvariable('lists_ndjson'),
  format = 'newline_delimited',
  columns = {
    pid: 'UUID',
    rank: 'SMALLINT',
    film_id: 'VARCHAR',
    score: 'DOUBLE',
    min_age: 'INTEGER',
    reason_kind: 'VARCHAR',
    reason_text: 'VARCHAR',
    reason_film_ids: 'VARCHAR[]'
  }
)
ORDER BY pid, rank
