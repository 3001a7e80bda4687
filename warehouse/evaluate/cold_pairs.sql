-- grain: one row per relevant (pid, film) of a film without factors of its own; cold numbers those films by ascending film_id
-- key: pid, cold
-- inputs: relevance, judged_viewers, film_facts
-- params: none
WITH cold_films AS (
  SELECT film_id, (row_number() OVER (ORDER BY film_id) - 1)::INTEGER AS cold FROM film_facts WHERE film_row IS NULL
)
SELECT pid::VARCHAR AS pid, cold
FROM relevance
SEMI JOIN judged_viewers USING (pid)
JOIN cold_films USING (film_id)
ORDER BY pid, cold
