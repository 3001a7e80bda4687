-- grain: one row per kind of answer
-- key: served_by, why_code
-- inputs: scored
SELECT served_by, coalesce(why_code, '') AS why_code, count(*)::INTEGER AS viewers
FROM scored
GROUP BY ALL
