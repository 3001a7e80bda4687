-- grain: one row per refused row of a source, with its reasons; `fields` are its columns as JSON under their own names,
--   `raw` the line where it could not be split. A viewer's id is left out of `fields`: `pid` stands for it.
-- key: none (two rows may fail alike)
-- inputs: checked, source_rejects; params: kind (events | films | profiles), file_name
SELECT getvariable('kind') AS kind, getvariable('file_name') AS file, NULL::BIGINT AS line, reasons, pid, fields,
  NULL::VARCHAR AS raw
FROM checked
WHERE len(reasons) > 0
UNION ALL
SELECT getvariable('kind'), getvariable('file_name'), line, [reason], NULL::UUID, NULL, raw
FROM source_rejects
ORDER BY line, fields, raw, pid
