-- grain: one row per film and market that a viewer is in
-- key: film_id, market
-- inputs: films, viewers, certificate_ages
-- params: age_unknown_certificate INTEGER
-- The market's own scheme decides, else the strictest of the known schemes, else the film counts as unknown.
WITH markets AS (
  SELECT DISTINCT v.market, s.scheme AS own_scheme
  FROM viewers AS v
  LEFT JOIN (
    VALUES ('US', 'MPA'), ('GB', 'BBFC'), ('DE', 'FSK'), ('KR', 'KMRB'), ('IN', 'CBFC'), ('BD', 'BD')
  ) AS s (market, scheme) ON s.market = upper(trim(v.market))
),

printed AS (
  SELECT
    film_id,
    upper(trim(entry.key)) AS scheme,
    regexp_replace(
      regexp_replace(upper(unnest(entry.value)), '[\s\p{Z}\p{Pd}\x{2212}_]+', '', 'g'),
      '^RATED',
      ''
    ) AS label
  FROM (
    SELECT film_id, unnest(map_entries(CAST(CAST(certificates AS JSON) AS MAP(VARCHAR, VARCHAR[])))) AS entry
    FROM films
  )
),

aged AS (
  SELECT
    p.film_id,
    p.scheme,
    p.scheme IN (SELECT scheme FROM certificate_ages) AS is_known_scheme,
    coalesce(a.min_age, getvariable('age_unknown_certificate')) AS min_age
  FROM printed AS p
  LEFT JOIN certificate_ages AS a USING (scheme, label)
)

SELECT
  f.film_id,
  m.market,
  coalesce(
    max(a.min_age) FILTER (a.scheme = m.own_scheme),
    max(a.min_age) FILTER (a.is_known_scheme),
    getvariable('age_unknown_certificate')
  ) AS min_age
FROM films AS f
CROSS JOIN markets AS m
LEFT JOIN aged AS a ON a.film_id = f.film_id
GROUP BY f.film_id, m.market
