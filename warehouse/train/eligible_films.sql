-- grain: one row per film with enough raters to have factors; film_row numbers them by ascending film_id
-- key: film_id
-- inputs: interactions
-- params: min_item_users
SELECT film_id, (row_number() OVER (ORDER BY film_id) - 1)::INTEGER AS film_row
FROM interactions
WHERE preference IS NOT NULL
GROUP BY film_id
HAVING count(*) >= getvariable('min_item_users')
