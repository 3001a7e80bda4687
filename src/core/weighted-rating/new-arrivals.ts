import type { CatalogueFilm, Config } from '../../contracts/index.js';
import { compareIds, compareRated } from './weighted-rating.js';

const DAY_MS = 86_400_000;

export interface Arrivals {
  /** Film ids, newest first. */
  listed: string[];
  /** Films of the window that are held back until their facts are complete. */
  held: { filmId: string; missing: string[] }[];
}

/**
 * New Arrivals at `asOf` (ISO instant), science B.5: films added within `arrivalsDays`, widened once when fewer than
 * `arrivalsWanted` can be listed; order added desc, WR desc, id asc. Films whose date of arrival is unknown never arrive.
 */
export function newArrivals(
  films: readonly CatalogueFilm[],
  asOf: string,
  config: Pick<Config['weightedRating'], 'arrivalsDays' | 'arrivalsWidenDays' | 'arrivalsWanted'>,
): Arrivals {
  const near = arrivalsWithin(films, asOf, config.arrivalsDays);
  return near.listed.length >= config.arrivalsWanted
    ? near
    : arrivalsWithin(films, asOf, config.arrivalsWidenDays);
}

function arrivalsWithin(films: readonly CatalogueFilm[], asOf: string, days: number): Arrivals {
  const now = Date.parse(asOf);
  const arrived = films
    .flatMap((film) => (film.addedAt === null ? [] : [{ film, added: Date.parse(film.addedAt) }]))
    .filter(({ added }) => added <= now && added > now - days * DAY_MS)
    .sort((a, b) => b.added - a.added || compareRated(a.film, b.film))
    .map(({ film }) => ({ filmId: film.filmId, missing: missingFacts(film) }));
  return {
    listed: arrived.filter(({ missing }) => missing.length === 0).map(({ filmId }) => filmId),
    held: arrived.filter(({ missing }) => missing.length > 0).sort((a, b) => compareIds(a.filmId, b.filmId)),
  };
}

/** What a new film lacks to be shown as new: genre, actor, year, runtime, certificate. */
export function missingFacts(film: CatalogueFilm): string[] {
  const printed = Object.values(film.certificates).flat();
  const facts: [string, boolean][] = [
    ['genre', film.genres.length > 0],
    ['actor', film.actors.length > 0],
    ['year', film.year !== null],
    ['runtime', film.runtimeMin !== null],
    ['certificate', printed.some((label) => label.trim() !== '')],
  ];
  return facts.filter(([, known]) => !known).map(([fact]) => fact);
}
