-- grain: one row per (birth_year, is_kids, is_adult_declared) that occurs: its age limit, from core/age-gate
-- key: birth_year, is_kids, is_adult_declared
-- params: age_birth_years (0 = unknown), age_kids, age_adults, age_limits (parallel lists)
SELECT
  nullif(unnest(getvariable('age_birth_years')), 0) AS birth_year,
  unnest(getvariable('age_kids')) AS is_kids,
  unnest(getvariable('age_adults')) AS is_adult_declared,
  unnest(getvariable('age_limits')) AS max_age,
