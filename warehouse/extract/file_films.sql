-- grain: one row per row of a films file; films without a year are kept, for a missing fact is no fault
-- inputs: film_rows (all text), macro fields_of
WITH typed AS (
  SELECT
    nullif(film_id, '') AS film_id,
    nullif(trim(title), '') AS title,
    CASE WHEN TRY_CAST(release_year AS INTEGER) BETWEEN 1870 AND 2200 THEN release_year::INTEGER END AS release_year,
    names_of(genres) AS genres,
    names_of(actors) AS actors,
    names_of(directors) AS directors,
    CASE WHEN TRY_CAST(runtime_min AS INTEGER) BETWEEN 1 AND 2000 THEN runtime_min::INTEGER END AS runtime_min,
    certificates_of(certificates) AS certificates,
    names_of(countries) AS countries,
    names_of(languages) AS languages,
    CASE WHEN len(names_of(markets)) = 0 THEN ['*'] ELSE names_of(markets) END AS markets,
    instant_of(added_at) AS added_at,
    cells,
    release_year AS written_year,
    runtime_min AS written_runtime,
    added_at AS written_added_at
  FROM film_rows
),

checked AS (
  SELECT
    *,
    list_filter([
      CASE WHEN film_id IS NULL THEN 'film:missing' END,
      CASE WHEN title IS NULL THEN 'title:missing' END,
      CASE WHEN release_year IS NULL AND written_year <> '' THEN 'year:invalid' END,
      CASE WHEN runtime_min IS NULL AND written_runtime <> '' THEN 'runtime:invalid' END,
      CASE WHEN added_at IS NULL AND written_added_at <> '' THEN 'added_at:invalid' END
    ], lambda reason: reason IS NOT NULL) AS reasons
  FROM typed
)

SELECT
  * EXCLUDE (cells, written_year, written_runtime, written_added_at),
  NULL::UUID AS pid,
  CASE WHEN len(reasons) > 0 THEN fields_of(cells) END AS fields
FROM checked
