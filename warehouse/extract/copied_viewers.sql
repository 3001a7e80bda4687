-- grain: one row per profile of the operational store
-- key: user_id
-- inputs: the CSV file named by `viewers_file`; the pid key
SELECT
  user_id,
  pid_of(user_id) AS pid,
  market,
  birth_year,
  is_kids,
  is_adult_declared,
  consent,
  created_at,
  from_json(not_interested, '["VARCHAR"]') AS not_interested,
  from_json(dont_use, '["VARCHAR"]') AS dont_use
FROM read_csv(
  getvariable('viewers_file'), header = true, auto_detect = false,
  columns = {
    'user_id': 'VARCHAR', 'market': 'VARCHAR', 'birth_year': 'INTEGER', 'is_kids': 'BOOLEAN',
    'is_adult_declared': 'BOOLEAN', 'consent': 'INTEGER', 'created_at': 'TIMESTAMP',
    'not_interested': 'VARCHAR', 'dont_use': 'VARCHAR'
  }
)
