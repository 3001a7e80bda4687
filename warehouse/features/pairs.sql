-- grain: one row per (pid, film_id) with an act: when each kind of act was last done
-- key: pid, film_id
-- inputs: pass_events
-- params: pick_surface
SELECT
  min(bucket) AS bucket, pid, film_id, max(ts) AS acted_at,
  max(ts) FILTER (type = 'like') AS liked_at,
  max(ts) FILTER (type = 'like' AND surface = getvariable('pick_surface')) AS picked_at,
  max(ts) FILTER (type = 'unlike') AS unliked_at,
  max(ts) FILTER (type = 'dislike') AS disliked_at,
  max(ts) FILTER (type = 'undislike') AS undisliked_at,
  max(ts) FILTER (type = 'bookmark_add') AS saved_at,
  max(ts) FILTER (type = 'bookmark_remove') AS unsaved_at,
FROM pass_events
WHERE type NOT IN ('impression', 'search_click')
GROUP BY pid, film_id
