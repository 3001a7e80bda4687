-- grain: one row per row of a profiles file; what a file does not say is taken as the least: no consent, no declared age
-- key: none (a file may repeat itself)
-- inputs: source_rows (all text), macro fields_of; the pid key
WITH typed AS (
  SELECT
    nullif(user_id, '') AS user_id,
    CASE WHEN user_id <> '' THEN pid_of(user_id) END AS pid,
    coalesce(nullif(market, ''), 'default') AS market,
    CASE WHEN TRY_CAST(birth_year AS INTEGER) BETWEEN 1890 AND 2100 THEN birth_year::INTEGER END AS birth_year,
    coalesce(TRY_CAST(is_kids AS BOOLEAN), false) AS is_kids,
    coalesce(TRY_CAST(is_adult_declared AS BOOLEAN), false) AS is_adult_declared,
    coalesce(TRY_CAST(consent AS INTEGER), 0) AS consent,
    instant_of(created_at) AS created_at,
    cells,
    birth_year AS written_birth_year,
    is_kids AS written_kids,
    is_adult_declared AS written_adult,
    consent AS written_consent,
    created_at AS written_created_at
  FROM source_rows
),

checked AS (
  SELECT
    *,
    list_filter([
      CASE WHEN user_id IS NULL THEN 'user:missing' END,
      CASE WHEN birth_year IS NULL AND written_birth_year <> '' THEN 'birth_year:invalid' END,
      CASE WHEN written_kids <> '' AND TRY_CAST(written_kids AS BOOLEAN) IS NULL THEN 'kids:invalid' END,
      CASE WHEN written_adult <> '' AND TRY_CAST(written_adult AS BOOLEAN) IS NULL THEN 'adult:invalid' END,
      CASE
        WHEN written_consent <> '' AND coalesce(TRY_CAST(written_consent AS INTEGER) NOT BETWEEN 0 AND 31, true)
          THEN 'consent:invalid'
      END,
      CASE WHEN created_at IS NULL AND written_created_at <> '' THEN 'created_at:invalid' END
    ], lambda reason: reason IS NOT NULL) AS reasons
  FROM typed
)

SELECT
  * EXCLUDE (cells, written_birth_year, written_kids, written_adult, written_consent, written_created_at),
  CASE WHEN len(reasons) > 0 THEN fields_of(cells) END AS fields
FROM checked
