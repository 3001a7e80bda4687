-- grain: one row per good event of an import; inputs: checked
SELECT event_id, user_id AS profile_id, film_id, type, ts::VARCHAR || '+00' AS ts, value, extra
FROM checked
WHERE len(reasons) = 0
