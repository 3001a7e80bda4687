-- grain: one row per film_id of a feed's reading; of several rows the first, with the certificates of all of them
-- key: film_id
-- inputs: the checked rows in the file named by `feed_rows`
WITH given AS (
  SELECT *
  FROM read_json(
    getvariable('feed_rows'), format = 'newline_delimited',
    columns = {
      film_id: 'VARCHAR', title: 'VARCHAR', release_year: 'INTEGER', genres: 'VARCHAR[]', actors: 'VARCHAR[]',
      directors: 'VARCHAR[]', runtime_min: 'INTEGER', certificates: 'VARCHAR', countries: 'VARCHAR[]',
      languages: 'VARCHAR[]', added_at: 'TIMESTAMP', average_rating: 'DOUBLE', votes: 'INTEGER'
    }
  )
),

numbered AS (
  SELECT *, row_number() OVER () AS row_no FROM given
),

labels AS (
  SELECT DISTINCT film_id, upper(trim(entry.key)) AS scheme, unnest(entry.value) AS label
  FROM (
    SELECT film_id, unnest(map_entries(CAST(CAST(certificates AS JSON) AS MAP(VARCHAR, VARCHAR[])))) AS entry
    FROM given
    WHERE certificates <> '{}'
  )
),

schemes AS (
  SELECT film_id, scheme, list(label ORDER BY label) AS labels FROM labels GROUP BY film_id, scheme
),

certified AS (
  SELECT film_id, to_json(map(list(scheme ORDER BY scheme), list(labels ORDER BY scheme)))::VARCHAR AS certificates
  FROM schemes
  GROUP BY film_id
)

SELECT DISTINCT ON (film_id)
  film_id,
  title,
  release_year,
  genres,
  actors,
  directors,
  runtime_min,
  coalesce(certified.certificates, '{}') AS certificates,
  countries,
  languages,
  added_at,
  average_rating AS external_average,
  votes AS external_votes
FROM numbered
LEFT JOIN certified USING (film_id)
ORDER BY film_id, row_no
