-- grain: one row per kind of reference and window: share of events about films or viewers that are not known
-- key: thing
-- inputs: events, films, viewers
-- params: night_from, night_to, max_orphan_share, block_orphan_share
WITH referenced AS (
  SELECT
    e.film_id IS NOT NULL AND f.film_id IS NULL AS is_film_unknown,
    v.pid IS NULL AS is_viewer_unknown,
    e.ts >= getvariable('night_from') AND e.ts < getvariable('night_to') AS is_tonight,
  FROM events AS e
  LEFT JOIN films AS f ON f.film_id = e.film_id
  LEFT JOIN viewers AS v ON v.pid = e.pid
),
counted AS (
  SELECT
    count(*) AS total, count(*) FILTER (is_tonight) AS tonight,
    count(*) FILTER (is_film_unknown) AS films, count(*) FILTER (is_film_unknown AND is_tonight) AS films_tonight,
    count(*) FILTER (is_viewer_unknown) AS viewers,
    count(*) FILTER (is_viewer_unknown AND is_tonight) AS viewers_tonight,
  FROM referenced
),
shares AS (
  SELECT unnest([
    {thing: 'events about unknown films', orphans: films, of: total},
    {thing: 'events about unknown films on the night', orphans: films_tonight, of: tonight},
    {thing: 'events of unknown viewers', orphans: viewers, of: total},
    {thing: 'events of unknown viewers on the night', orphans: viewers_tonight, of: tonight}
  ], recursive := true)
  FROM counted
)
SELECT
  severity(orphans / of, getvariable('max_orphan_share'), getvariable('block_orphan_share')) AS severity,
  thing,
  'at most ' || percent(getvariable('max_orphan_share')) || ', no training above '
    || percent(getvariable('block_orphan_share')) AS expected,
  percent(orphans / of) || ' (' || orphans || ' of ' || of || ')' AS observed,
FROM shares
WHERE of > 0
ORDER BY thing
