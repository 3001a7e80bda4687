-- grain: one row: m, the prior weight in votes, and C, the mean vote (science B.1, B.2)
-- key: none, a single row
-- inputs: votes
-- params: m_quantile, m_floor, m_fixed (NULL = by the rule), c_over ('votes' or 'movies'), rating_middle
WITH films_voted AS (
  SELECT film_id, count(*) AS votes, sum(rating)::BIGINT AS rating_sum FROM votes GROUP BY film_id
)
SELECT
  coalesce(
    getvariable('m_fixed'),
    greatest(getvariable('m_floor'), coalesce(quantile_cont(votes, getvariable('m_quantile')), 0))
  )::DOUBLE AS m,
  -- Integer sums: a mean of means is summed in whole millionths, so that no order of addition shows.
  coalesce(
    if(
      getvariable('c_over') = 'votes',
      sum(rating_sum)::BIGINT / sum(votes)::BIGINT,
      sum(rating_sum * 1000000 // votes)::BIGINT / (count(*) * 1000000)
    ),
    getvariable('rating_middle')
  )::DOUBLE AS c,
  coalesce(sum(votes), 0)::INTEGER AS votes,
FROM films_voted
