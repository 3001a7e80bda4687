-- grain: one row per (pid, film_id) of the test part with an event that can make a film relevant; is_organic: the first of
--   them came from a surface that shows no recommendations (an unknown surface counts as organic)
-- key: pid, film_id
-- inputs: test_part
-- params: as_of_night, mature_hours, recommendation_surfaces
SELECT
  pid,
  film_id,
  first(
    surface IS NULL OR NOT list_contains(getvariable('recommendation_surfaces'), surface) ORDER BY ts, event_id
  ) AS is_organic,
  max(ts) FILTER (type NOT IN ('detail_open', 'search_click'))
    <= getvariable('as_of_night') - to_hours(getvariable('mature_hours')) AS is_mature,
FROM test_part
WHERE ts < getvariable('as_of_night')
  AND (is_play(type) OR type IN ('rating', 'like', 'detail_open', 'search_click'))
GROUP BY pid, film_id
ORDER BY pid, film_id
