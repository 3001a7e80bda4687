-- grain: one row per row of an imported films file, all text; importers' conventions undone:
--   "Title (1995)", "Title (1995) (V)", "Title (2007– )" carry the year; genres are a column, or flags 0/1 in columns named
--   as genres (MovieLens 100K), which arrive in `extra`; "Graduate, The" is turned round where that is the convention
-- key: none (a file may repeat itself)
-- inputs: source_rows; params: is_article_last BOOLEAN
WITH dated AS (
  SELECT * REPLACE (
    CASE
      WHEN release_year IS NULL AND regexp_matches(title, '\(\d{4}(\s*[-–]\s*\d{0,4})?\s*\)\s*(\([A-Z]+\))?\s*$')
        THEN nullif(trim(regexp_replace(title, '\s*\(\d{4}(\s*[-–]\s*\d{0,4})?\s*\)\s*(\([A-Z]+\))?\s*$', '')), '')
      ELSE title
    END AS title,
    CASE
      WHEN release_year IS NULL
        THEN nullif(regexp_extract(title, '\((\d{4})(\s*[-–]\s*\d{0,4})?\s*\)\s*(\([A-Z]+\))?\s*$', 1), '')
      ELSE release_year
    END AS release_year,
    CASE
      WHEN genres IN ('(no genres listed)', 'unknown') THEN NULL
      WHEN genres IS NULL AND json_extract_string(extra, '$.Action') IN ('0', '1')
        THEN array_to_string(
          list_filter(json_keys(extra), lambda g: g <> 'unknown' AND json_extract_string(extra, '$."' || g || '"') = '1'),
          '|'
        )
      ELSE genres
    END AS genres
  )
  FROM source_rows
)

SELECT * REPLACE (CASE WHEN getvariable('is_article_last') THEN article_first(title) ELSE title END AS title)
FROM dated
