-- grain: one row per viewer who is not answered exactly once and rightly; empty, or nothing is published
-- key: pid
-- inputs: viewer_ages, viewers, scored, lists
WITH answers AS (
  SELECT
    pid,
    count(*) AS answers,
    any_value(served_by) AS served_by,
    any_value(items) AS items,
    max(max_age) AS max_age
  FROM scored
  GROUP BY pid
),

-- Films that a viewer excluded, listed or cited all the same.
excluded AS (
  SELECT pid, unnest(not_interested || dont_use) AS film_id, 'lists film ' AS how FROM viewers
  INTERSECT SELECT pid, film_id, 'lists film ' FROM lists
  UNION ALL (
    SELECT pid, unnest(dont_use) AS film_id, 'cites film ' AS how FROM viewers
    INTERSECT SELECT pid, unnest(reason_film_ids), 'cites film ' FROM lists
  )
),

unwanted AS (
  SELECT pid, min(how || film_id) AS what FROM excluded GROUP BY pid
),

listed AS (
  SELECT pid, count(*) AS items FROM lists GROUP BY pid
)

SELECT
  pid,
  CASE
    WHEN v.pid IS NULL THEN 'answered, but not a viewer of the snapshot'
    WHEN a.pid IS NULL THEN 'not answered'
    WHEN a.answers > 1 THEN 'answered ' || a.answers || ' times'
    WHEN a.items <> coalesce(l.items, 0) THEN 'says ' || a.items || ' items, has ' || coalesce(l.items, 0)
    WHEN (a.served_by = 'none') <> (a.items = 0) THEN 'served by ' || a.served_by || ' with ' || a.items || ' items'
    WHEN u.what IS NOT NULL THEN u.what || ', which this viewer excluded'
    WHEN least(a.max_age, 98) > v.max_age THEN 'scored for age ' || a.max_age || ', is ' || v.max_age
  END AS problem
FROM viewer_ages AS v
FULL JOIN answers AS a USING (pid)
LEFT JOIN listed AS l USING (pid)
LEFT JOIN unwanted AS u USING (pid)
WHERE problem IS NOT NULL
