-- grain: one row per (film_id, event_date) whose votes are held back: a burst of nearly all 10s, or all 1s, by newcomers (B.4)
-- key: film_id, event_date
-- inputs: consented_events
-- params: brigade_min_votes, brigade_times_median, brigade_median_days, brigade_extreme_share, brigade_newcomer_ratings,
--   brigade_newcomer_share
WITH votes AS (
  SELECT pid, film_id, ts::DATE AS event_date, value FROM consented_events WHERE type = 'rating'
),
voters AS (
  SELECT pid, count(DISTINCT film_id) AS count_rated FROM votes GROUP BY pid
),
daily AS (
  SELECT
    film_id, event_date, count(*) AS count_votes,
    greatest(count(*) FILTER (value = 10), count(*) FILTER (value = 1)) AS count_extreme,
    count(*) FILTER (count_rated < getvariable('brigade_newcomer_ratings')) AS count_newcomers,
  FROM votes JOIN voters USING (pid)
  GROUP BY film_id, event_date
),
suspects AS (
  FROM daily
  WHERE count_votes > getvariable('brigade_min_votes')
    AND count_extreme > count_votes * getvariable('brigade_extreme_share')
    AND count_newcomers > count_votes * getvariable('brigade_newcomer_share')
),
-- The days before, days without a vote as 0.
usual AS (
  SELECT s.film_id, s.event_date, quantile_cont(coalesce(before.count_votes, 0), 0.5) AS median_votes
  FROM suspects AS s
  CROSS JOIN generate_series(1, getvariable('brigade_median_days')) AS back(days)
  LEFT JOIN daily AS before
    ON before.film_id = s.film_id AND before.event_date = s.event_date - back.days::INTEGER
  GROUP BY s.film_id, s.event_date
)
SELECT film_id, event_date, suspects.count_votes
FROM suspects JOIN usual USING (film_id, event_date)
WHERE suspects.count_votes > getvariable('brigade_times_median') * usual.median_votes
