-- grain: one row per (pid, film_id): the interactions of all passes, in the order they are kept
-- key: pid, film_id
-- inputs: interactions
FROM interactions
ORDER BY bucket, pid, film_id
