-- grain: one row per (pid, film_id): the relevant pairs of all passes, in the order they are kept
-- key: pid, film_id
-- inputs: relevance
FROM relevance
ORDER BY bucket, pid, film_id
