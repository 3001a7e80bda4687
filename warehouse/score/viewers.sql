-- grain: one row per viewer, with or without a list
-- key: pid
-- params: viewers_ndjson VARCHAR
SELECT *
FROM read_json(
  getvariable('viewers_ndjson'),
  format = 'newline_delimited',
  columns = {
    pid: 'UUID',
    served_by: 'VARCHAR',
    max_age: 'INTEGER',
    market: 'VARCHAR',
    why: 'VARCHAR',
    why_code: 'VARCHAR',
    items: 'INTEGER'
  }
)
ORDER BY pid
