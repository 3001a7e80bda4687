-- grain: one row per film, with or without votes
-- key: film_id
-- inputs: films, votes, rating_prior
-- params: external_share
WITH voted AS (
  SELECT film_id, count(*) AS votes, sum(rating)::BIGINT AS rating_sum FROM votes GROUP BY film_id
)
SELECT
  film_id,
  coalesce(voted.votes, 0)::INTEGER AS votes,
  coalesce(voted.rating_sum, 0)::BIGINT AS rating_sum,
  -- WR = (v·R + (m − e)·C + e·E) / (v + m), and v·R is the sum of votes; e votes of an average from elsewhere stand in for
  -- as many of the prior's. The operations and their order are those of src/core/weighted-rating: equal to the bit.
  (coalesce(voted.rating_sum, 0)::DOUBLE + (p.m - known.e) * p.c + known.e * coalesce(external_average, 0))
    / (coalesce(voted.votes, 0)::DOUBLE + p.m) AS weighted_rating,
FROM films
LEFT JOIN voted USING (film_id)
CROSS JOIN rating_prior AS p
CROSS JOIN LATERAL (
  SELECT if(
    external_average IS NULL OR external_votes IS NULL, 0, least(external_votes::DOUBLE, getvariable('external_share') * p.m)
  ) AS e
) AS known
ORDER BY film_id
