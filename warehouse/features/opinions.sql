-- grain: one row per (pid, film_id) with an act: the opinion that stands. The newest of like and dislike counts, unless
--   its own undo came no earlier; at one instant the cautious reading wins: undo over do, dislike over like
-- key: pid, film_id
-- inputs: pairs
SELECT
  bucket, pid, film_id, acted_at,
  liked_at IS NOT NULL
    AND (disliked_at IS NULL OR disliked_at < liked_at)
    AND (unliked_at IS NULL OR unliked_at < liked_at) AS is_liked,
  liked_at,
  is_liked AND picked_at IS NOT NULL AS is_picked,
  disliked_at IS NOT NULL
    AND (liked_at IS NULL OR liked_at <= disliked_at)
    AND (undisliked_at IS NULL OR undisliked_at < disliked_at) AS is_disliked,
  disliked_at,
  saved_at IS NOT NULL AND (unsaved_at IS NULL OR unsaved_at < saved_at) AS is_saved,
  greatest(saved_at, unsaved_at) AS bookmarked_at,
FROM pairs
