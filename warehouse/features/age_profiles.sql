-- grain: one row per (birth_year, is_kids, is_adult_declared) that occurs among viewers
-- key: birth_year, is_kids, is_adult_declared
-- inputs: viewers
SELECT DISTINCT birth_year::INTEGER AS birth_year, is_kids, is_adult_declared
FROM viewers
ORDER BY ALL
