-- grain: one row per observed cell (viewer_row, film_row); the weight's sign is the preference, in millionths
-- key: viewer_row, film_row
-- inputs: interactions, eligible_viewers, eligible_films
-- params: none
SELECT
  viewer_row,
  film_row,
  CASE preference WHEN 1 THEN w_micro ELSE -w_micro END::INTEGER AS weight_micro,
FROM interactions
JOIN eligible_viewers USING (pid)
JOIN eligible_films USING (film_id)
WHERE preference IS NOT NULL AND w_micro > 0
