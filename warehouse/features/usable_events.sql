-- grain: one row per event_id: consented events without bot days and brigaded votes (science A.2)
-- key: event_id
-- inputs: consented_events, bot_days, brigades
SELECT e.*
FROM consented_events AS e
ANTI JOIN bot_days ON e.pid = bot_days.pid AND e.ts::DATE = bot_days.event_date
ANTI JOIN brigades ON e.type = 'rating' AND e.film_id = brigades.film_id AND e.ts::DATE = brigades.event_date
