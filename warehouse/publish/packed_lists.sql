-- grain: one row per viewer of this pass, in pid order, with the whole list as JSON
-- key: pid
-- inputs: scored, lists, histories, pass_viewers
SELECT s.pid::VARCHAR AS pid, s.served_by, s.max_age, s.market, s.why, coalesce(l.items, '[]') AS items,
  coalesce(h.history, '[]') AS history
FROM scored AS s
SEMI JOIN pass_viewers USING (pid)
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
  SEMI JOIN pass_viewers USING (pid)
  GROUP BY pid
) AS l USING (pid)
LEFT JOIN histories AS h USING (pid)
ORDER BY s.pid
