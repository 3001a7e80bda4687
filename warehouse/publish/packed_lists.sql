-- grain: one row per viewer, in pid order, with the whole list as JSON
-- key: pid
-- inputs: scored, lists, histories
SELECT s.pid::VARCHAR AS pid, s.served_by, s.max_age, s.market, s.why, coalesce(l.items, '[]') AS items,
  coalesce(h.history, '[]') AS history
FROM scored AS s
LEFT JOIN (
  SELECT
    pid,
    to_json(
      list(
        {
          filmId: film_id,
          score: score,
          reason: {kind: reason_kind, text: reason_text, movieIds: reason_film_ids}
        } ORDER BY rank
      )
    )::VARCHAR AS items
  FROM lists
  GROUP BY pid
) AS l USING (pid)
LEFT JOIN histories AS h USING (pid)
ORDER BY s.pid
