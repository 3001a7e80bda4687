-- grain: one row: what the main numbers leave out (science C.4)
-- key: none (one row)
-- inputs: relevance, judged_viewers, catalogue, films
-- params: none
SELECT
  (
    SELECT count(DISTINCT pid)
    FROM relevance
    SEMI JOIN catalogue USING (film_id)
    ANTI JOIN judged_viewers USING (pid)
  )::INTEGER AS new_viewers,
  (SELECT count(*) FROM relevance SEMI JOIN films USING (film_id) ANTI JOIN catalogue USING (film_id))::INTEGER
    AS cold_pairs,
