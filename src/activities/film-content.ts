import { type Config, certificatesSchema } from '../contracts/index.js';
import { type ColdFilm, type FilmContent, filmContent } from '../core/als/film-content.js';
import { type FilmFacts, NOTHING_KNOWN } from '../core/als/film-features.js';
import type { Session } from './deps.js';
import { pause } from './pause.js';

/** Rows a query: some milliseconds of the event loop each. */
const PAGE = 2000;

interface FactsRow {
  film_id: string;
  film_row: number | null;
  genres: string[] | null;
  actors: string[] | null;
  directors: string[] | null;
  countries: string[] | null;
  languages: string[] | null;
  release_year: number | null;
  runtime_min: number | null;
  certificates: string | null;
  is_new: boolean;
}

/** Facts of view `films` as of variable `as_of`, for a model over `eligible_films`. A film that no row is about has no facts. */
export async function readContent(
  session: Session,
  filmIds: readonly string[],
  gamma: number,
  { blend }: Config,
): Promise<FilmContent> {
  await session.set('new_days', blend.newDays, 'INTEGER');
  await session.table('train/film_facts');
  const facts: FilmFacts[] = filmIds.map(() => NOTHING_KNOWN);
  const cold: (ColdFilm & { facts: FilmFacts })[] = [];
  for await (const row of pages(session)) {
    if (row.film_row !== null) facts[row.film_row] = factsOf(row);
    else cold.push({ filmId: row.film_id, isNew: row.is_new, facts: factsOf(row) });
  }
  return filmContent(gamma, facts, cold);
}

async function* pages(session: Session): AsyncGenerator<FactsRow> {
  for (let from = 0; ; from += PAGE) {
    const rows = await session.rows<FactsRow>(
      `SELECT * FROM film_facts WHERE rowid >= ${from} AND rowid < ${from + PAGE} ORDER BY rowid`,
    );
    yield* rows;
    if (rows.length < PAGE) return;
    await pause();
  }
}

function factsOf(row: FactsRow): FilmFacts {
  return {
    genres: row.genres ?? [],
    actors: row.actors ?? [],
    directors: row.directors ?? [],
    countries: row.countries ?? [],
    languages: row.languages ?? [],
    year: row.release_year,
    runtimeMin: row.runtime_min,
    certificates: certificatesSchema.parse(JSON.parse(row.certificates ?? '{}')),
  };
}
