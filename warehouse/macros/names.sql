-- a list of names as people write it: a JSON array, or names parted by |; empty names are dropped
CREATE MACRO names_of(written) AS
  list_filter(
    list_transform(
      CASE
        WHEN written IS NULL THEN []::VARCHAR[]
        WHEN starts_with(trim(written), '[') AND json_valid(written)
          THEN coalesce(from_json(written, '["VARCHAR"]'), [])
        ELSE string_split(written, '|')
      END,
      lambda name: trim(name)
    ),
    lambda name: name <> ''
  );
