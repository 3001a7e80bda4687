-- grain: one row: what of all viewers decides about each one's interactions, for whoever works out a single viewer later
--   (core/feedback/viewer-history.ts)
-- key: none (one row)
-- inputs: consented_events, newest_ratings
-- params: bot_quantile
SELECT
  coalesce((SELECT sum(rating)::BIGINT * 1000000 // count(*) FROM newest_ratings), 0)::DOUBLE AS mean_rating_micro,
  (
    SELECT quantile_disc(count_events, getvariable('bot_quantile'))
    FROM (SELECT count(*) AS count_events FROM consented_events GROUP BY pid, ts::DATE)
  )::INTEGER AS busiest_day,
