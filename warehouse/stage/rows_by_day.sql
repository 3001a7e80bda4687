-- grain: one row per event_date: rows of a raw segment whose manifest does not say them
-- key: event_date
-- inputs: raw_events
SELECT ts::DATE::VARCHAR AS event_date, count(*)::INTEGER AS count_rows
FROM raw_events
GROUP BY event_date
ORDER BY event_date
