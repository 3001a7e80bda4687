-- grain: one row per viewer of the snapshot
-- key: pid
-- inputs: viewers
-- params: as_of_year, age_unknown_kids, age_unknown_profile (INTEGER)
-- max_age: the highest minimum age that the profile may see (science H.6), from its facts and not from the lists
SELECT
  pid,
  market,
  CASE
    WHEN birth_year IS NOT NULL
      THEN least(greatest(getvariable('as_of_year') - birth_year - 1, 0), CASE WHEN is_kids THEN 12 ELSE 98 END)
    WHEN is_kids THEN least(getvariable('age_unknown_kids'), 12)
    WHEN is_adult_declared THEN 18
    ELSE getvariable('age_unknown_profile')
  END AS max_age
FROM viewers
