import type { Warehouse } from '../../activities/deps.js';
import { certificatesSchema } from '../../contracts/index.js';
import type { FilmFacts } from '../../core/als/film-features.js';
import { type Layout, LayoutError } from './layouts.js';
import { openSourceRows } from './source-rows.js';

interface FactsRow {
  film_id: string;
  genres: string[];
  actors: string[];
  directors: string[];
  countries: string[];
  languages: string[];
  release_year: number | null;
  runtime_min: number | null;
  certificates: string;
}

/** What a user's own folder says of its films, read as an import reads it; rows that an import refuses say nothing. */
export async function readFilmFacts(warehouse: Warehouse, layout: Layout): Promise<Map<string, FilmFacts>> {
  const { films, source, isArticleLast } = layout;
  if (films === null) {
    throw new LayoutError(`${layout.label}: there is no file of films beside the ratings, so no facts`);
  }
  return warehouse.session(async (session) => {
    await openSourceRows(session, { name: source, kind: 'films', columns: films.columns }, films.spec);
    await session.set('is_article_last', isArticleLast);
    await session.model('extract/film_rows');
    await session.model('extract/file_films');
    const rows = await session.rows<FactsRow>(
      `SELECT DISTINCT ON (film_id) film_id, genres, actors, directors, countries, languages, release_year, runtime_min,
         certificates::VARCHAR AS certificates
       FROM file_films WHERE len(reasons) = 0 ORDER BY film_id`,
    );
    return new Map(
      rows.map(({ film_id, release_year: year, runtime_min: runtimeMin, certificates, ...names }) => [
        film_id,
        { ...names, year, runtimeMin, certificates: certificatesSchema.parse(JSON.parse(certificates)) },
      ]),
    );
  });
}
