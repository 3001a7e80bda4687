-- grain: one row per film shown to a viewer who must not see it; empty, or nothing is published
-- key: pid, film_id, shown_as
-- inputs: shown_films, viewer_ages, film_market_ages
-- Fails closed: an unknown viewer or film is a violation, and so is a film that is never listed (99).
SELECT s.pid, s.film_id, s.shown_as, v.market, v.max_age, f.min_age
FROM shown_films AS s
LEFT JOIN viewer_ages AS v USING (pid)
LEFT JOIN film_market_ages AS f ON f.film_id = s.film_id AND f.market = v.market
WHERE NOT coalesce(f.min_age < 99 AND f.min_age <= v.max_age, false)
