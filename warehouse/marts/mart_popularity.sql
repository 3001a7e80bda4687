-- grain: one row per film that enough viewers of a cell came to like lately; a cell is an age band of a market, a market
--   (band -1), or everybody (market '', band -1; who has no market counts there alone). Cells and films below the floors
--   have no rows: nobody is told apart
-- key: market, band, film_id
-- inputs: interactions, viewers, age_limits
-- params: as_of, popularity_days, age_bands (lower bounds, ascending), cell_min_viewers, cell_min_film_viewers, cell_films
WITH liked AS (
  SELECT
    pid, film_id,
    upper(trim(v.market)) AS own_market,
    len(list_filter(getvariable('age_bands'), lambda bound: bound <= a.max_age))::INTEGER AS own_band,
  FROM interactions AS i
  JOIN viewers AS v USING (pid)
  JOIN age_limits AS a
    ON a.birth_year IS NOT DISTINCT FROM v.birth_year
    AND a.is_kids = v.is_kids AND a.is_adult_declared = v.is_adult_declared
  WHERE i.preference = 1 AND i.last_at >= getvariable('as_of') - to_days(getvariable('popularity_days'))
),

cells AS (
  SELECT coalesce(own_market, '') AS market, coalesce(own_band, -1) AS band
  FROM liked
  GROUP BY GROUPING SETS ((own_market, own_band), (own_market), ())
  HAVING (grouping(own_market) = 1 OR own_market <> '') AND count(DISTINCT pid) >= getvariable('cell_min_viewers')
),

films AS (
  SELECT
    coalesce(own_market, '') AS market, coalesce(own_band, -1) AS band, film_id,
    count(*)::INTEGER AS viewers,
  FROM liked
  GROUP BY GROUPING SETS ((own_market, own_band, film_id), (own_market, film_id), (film_id))
  HAVING (grouping(own_market) = 1 OR own_market <> '') AND count(*) >= getvariable('cell_min_film_viewers')
)

SELECT market, band, film_id, viewers
FROM films
SEMI JOIN cells USING (market, band)
QUALIFY row_number() OVER (PARTITION BY market, band ORDER BY viewers DESC, film_id) <= getvariable('cell_films')
ORDER BY market, band, film_id
