-- grain: one row per pid with a rating: b_u = (n·mean_u + prior·C) / (n + prior), in whole millionths (science A.3)
-- key: pid
-- inputs: newest_ratings
-- params: midpoint_prior
WITH everybody AS (
  SELECT sum(rating)::BIGINT * 1000000 // count(*) AS mean_micro FROM newest_ratings
)
SELECT
  pid, count(*)::INTEGER AS count_rated,
  (sum(rating)::BIGINT * 1000000 + getvariable('midpoint_prior') * any_value(mean_micro))
    // (count(*) + getvariable('midpoint_prior')) AS midpoint_micro,
FROM newest_ratings, everybody
GROUP BY pid
