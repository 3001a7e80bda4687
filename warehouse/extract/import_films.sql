-- grain: one row per film of an import, lists as JSON; inputs: films_now, film_certificates (film_id, certificates)
SELECT
  film_id,
  title,
  release_year,
  to_json(genres) AS genres,
  to_json(actors) AS actors,
  to_json(directors) AS directors,
  runtime_min,
  coalesce(film_certificates.certificates, films_now.certificates) AS certificates,
  to_json(countries) AS countries,
  to_json(languages) AS languages,
  to_json(markets) AS markets,
  added_at::VARCHAR || '+00' AS added_at
FROM films_now
LEFT JOIN film_certificates USING (film_id)
ORDER BY film_id
