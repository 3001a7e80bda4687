-- grain: one row per film, with or without votes
-- key: film_id
-- inputs: films, votes, rating_prior
-- params: none
WITH voted AS (
  SELECT film_id, count(*) AS votes, sum(rating)::BIGINT AS rating_sum FROM votes GROUP BY film_id
)
SELECT
  film_id,
  coalesce(voted.votes, 0)::INTEGER AS votes,
  coalesce(voted.rating_sum, 0)::BIGINT AS rating_sum,
  -- WR = (v·R + m·C) / (v + m), and v·R is the sum of votes.
  (coalesce(voted.rating_sum, 0) + p.m * p.c) / (coalesce(voted.votes, 0) + p.m) AS weighted_rating,
FROM films
LEFT JOIN voted USING (film_id)
CROSS JOIN rating_prior AS p
ORDER BY film_id
