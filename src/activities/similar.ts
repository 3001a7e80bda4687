import type { CatalogueFilm } from '../contracts/index.js';
import type { FilmFactors } from '../core/similar/similar-films.js';
import { emptyTable, openSimilar, placeSimilar, similarProblems } from '../core/similar/similar-table.js';
import type { ActivityDeps } from './deps.js';
import { permanentFailure } from './failures.js';
import { type SimilarJob, UNIT_FILMS } from './similar-units.js';

/** The neighbours of every film, in formula artefacts and in releases. */
export const SIMILAR_FILE = 'similar.u32';

/** Units that are worth a thread of their own: starting one takes as long as some hundred films. */
const UNITS_PER_THREAD = 8;

/**
 * The films most like each film of a formula artefact, by taste where `model` knows both and by their facts; audited
 * before it is returned. Bytes do not depend on the number of threads: a film's neighbours depend on nothing but the input.
 */
export async function similarFilms(
  { threads, config }: Pick<ActivityDeps, 'threads' | 'config'>,
  { films, ...job }: SimilarJob & { films: readonly CatalogueFilm[] },
  signal: AbortSignal,
): Promise<Uint32Array> {
  const table = emptyTable(films.length);
  const units = Math.ceil(films.length / UNIT_FILMS);
  if (units === 0) return table;
  const crew = await threads.crew({
    module: new URL('./similar-units.js', import.meta.url),
    data: job satisfies SimilarJob,
    threads: Math.max(1, Math.min(config.ials.threads, Math.floor(units / UNITS_PER_THREAD))),
    signal,
  });
  try {
    await crew.run('similar', units, {
      onResult: (unit, entries) => placeSimilar(table, entries as Uint32Array, unit * UNIT_FILMS),
    });
  } finally {
    await crew.stop();
  }
  demandTrue(table, films, job.model);
  return table;
}

/** Every neighbour is looked at again, by code that shares nothing with what found it. */
function demandTrue(table: Uint32Array, films: readonly CatalogueFilm[], model: FilmFactors | null): void {
  const filmIds = films.map(({ filmId }) => filmId);
  const byId = new Map(films.map((film) => [film.filmId, film]));
  const rows = new Map(model?.filmIds.map((filmId, row) => [filmId, row]));
  const problems = similarProblems(openSimilar(table, filmIds), filmIds, (filmId, other, kind) => {
    if (kind === 'facts') return haveACommonFact(byId.get(filmId), byId.get(other));
    const [a, b] = [rows.get(filmId), rows.get(other)];
    return model !== null && a !== undefined && b !== undefined && dot(model, a, b) > 0;
  });
  const [first] = problems;
  if (first !== undefined) {
    throw permanentFailure(
      'ArtifactCorrupt',
      `similar films: ${problems.length} are not true, expected 0; e.g. ${first}`,
    );
  }
}

function haveACommonFact(a: CatalogueFilm | undefined, b: CatalogueFilm | undefined): boolean {
  if (a === undefined || b === undefined) return false;
  const meet = (of: (film: CatalogueFilm) => readonly string[]) => {
    const names = new Set(of(a).map((name) => name.toLowerCase()));
    return of(b).some((name) => names.has(name.toLowerCase()));
  };
  const decade = ({ year }: CatalogueFilm) => (year === null ? [] : [String(Math.floor(year / 10))]);
  return [
    (film: CatalogueFilm) => film.directors,
    (film: CatalogueFilm) => film.actors,
    (film: CatalogueFilm) => film.genres,
    (film: CatalogueFilm) => film.countries,
    decade,
  ].some(meet);
}

function dot({ factors, k }: FilmFactors, a: number, b: number): number {
  let sum = 0;
  for (let f = 0; f < k; f++) sum += factors[a * k + f]! * factors[b * k + f]!;
  return sum;
}
