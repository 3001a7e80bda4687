-- grain: one row per film_id of the operational store
-- key: film_id
-- inputs: the CSV file named by `films_file`
SELECT
  film_id,
  title,
  release_year,
  names_of(genres) AS genres,
  names_of(actors) AS actors,
  names_of(directors) AS directors,
  runtime_min,
  certificates,
  names_of(countries) AS countries,
  names_of(languages) AS languages,
  names_of(markets) AS markets,
  added_at,
  NULL::DOUBLE AS external_average,
  NULL::INTEGER AS external_votes
FROM read_csv(
  getvariable('films_file'), header = true, auto_detect = false,
  columns = {
    'film_id': 'VARCHAR', 'title': 'VARCHAR', 'release_year': 'INTEGER', 'genres': 'VARCHAR', 'actors': 'VARCHAR',
    'directors': 'VARCHAR', 'runtime_min': 'INTEGER', 'certificates': 'VARCHAR', 'countries': 'VARCHAR',
    'languages': 'VARCHAR', 'markets': 'VARCHAR', 'added_at': 'TIMESTAMP'
  }
)
