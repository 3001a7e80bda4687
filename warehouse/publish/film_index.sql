-- grain: one row per film of the snapshot
-- key: film_id
-- inputs: films
-- film_index: the film's place in the formula's catalogue, which scoring counts films by
SELECT
  film_id,
  (row_number() OVER (ORDER BY film_id) - 1)::INTEGER AS film_index
FROM films
