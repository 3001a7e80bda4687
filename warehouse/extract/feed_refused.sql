-- grain: one row per refused row of a feed's reading
-- key: none (two rows may fail alike)
-- inputs: the file named by `feed_refused`
SELECT reasons, NULL::UUID AS pid, fields
FROM read_json(
  getvariable('feed_refused'), format = 'newline_delimited',
  columns = {reasons: 'VARCHAR[]', fields: 'VARCHAR'}
)
