-- grain: one row per viewer of an import; inputs: viewers_now, viewer_ages (user_id, age), checked
-- params: ages (years | bands | none), assume_adult, data_year (year of the newest event), consent
-- A file's age is the age on the data's last night: birth year = data_year - 1 - age, as the age rule takes the birthday as
-- still ahead. MovieLens 1M says bands by their lower end, and 1 for "under 18": that is no age, so it stays unknown.
WITH firsts AS (
  SELECT user_id, min(ts) AS first_at FROM checked WHERE len(reasons) = 0 GROUP BY user_id
)

SELECT
  viewers_now.user_id AS profile_id,
  viewers_now.user_id AS account_id,
  'default' AS market,
  CASE
    WHEN getvariable('ages') = 'none' OR age NOT BETWEEN 1 AND 110 OR (getvariable('ages') = 'bands' AND age < 18)
      THEN NULL
    ELSE getvariable('data_year') - 1 - age
  END AS birth_year,
  getvariable('assume_adult') AND getvariable('ages') = 'none' AS is_adult_declared,
  getvariable('consent') AS consent,
  first_at::VARCHAR || '+00' AS created_at
FROM viewers_now
LEFT JOIN viewer_ages USING (user_id)
LEFT JOIN firsts USING (user_id)
ORDER BY profile_id
