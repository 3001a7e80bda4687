-- grain: one row per film that a list shows or cites; several per (pid, film_id) when it is cited often
-- key: none (a film may be cited twice)
-- inputs: lists
SELECT pid, film_id, 'item' AS shown_as FROM lists
UNION ALL
SELECT pid, unnest(reason_film_ids) AS film_id, 'reason' AS shown_as FROM lists
