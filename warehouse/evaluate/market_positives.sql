-- grain: one row per film of the catalogue and market whose viewers came to like it in the days before the cut
-- key: market, film
-- inputs: interactions (of the train part), feat_viewer, catalogue
-- params: cut_at, popularity_days
SELECT
  market,
  film,
  count(*)::INTEGER AS recent_positives,
FROM interactions
JOIN feat_viewer USING (pid)
JOIN catalogue USING (film_id)
WHERE preference = 1 AND last_at >= getvariable('cut_at') - to_days(getvariable('popularity_days'))
GROUP BY market, film
ORDER BY market, film
