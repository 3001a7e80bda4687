-- grain: one row per viewer with enough positives among eligible films; viewer_row numbers them by bucket and pid
-- key: pid
-- inputs: interactions, eligible_films
-- params: min_user_pos
SELECT
  pid,
  (row_number() OVER (ORDER BY min(bucket), pid) - 1)::INTEGER AS viewer_row,
  count(*)::INTEGER AS count_positive,
FROM interactions
SEMI JOIN eligible_films USING (film_id)
WHERE preference = 1
GROUP BY pid
HAVING count(*) >= getvariable('min_user_pos')
