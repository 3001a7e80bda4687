-- grain: one row per film with facts; film_row: null for a film with too few raters to have factors of its own
-- key: film_id
-- inputs: films (of the catalogue, or feat_film), eligible_films
-- params: as_of, new_days
SELECT
  film_id,
  film_row,
  genres,
  actors,
  directors,
  countries,
  languages,
  release_year,
  runtime_min,
  certificates,
  coalesce(
    added_at > getvariable('as_of') - to_days(getvariable('new_days')) AND added_at <= getvariable('as_of'), false
  ) AS is_new,
FROM films
LEFT JOIN eligible_films USING (film_id)
ORDER BY film_id
