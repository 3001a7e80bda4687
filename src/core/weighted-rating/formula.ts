import type { CatalogueFilm, Config, FormulaLists } from '../../contracts/index.js';
import { newArrivals } from './new-arrivals.js';
import { topList } from './weighted-rating.js';

/** The formula's lists at `asOf` from films that know their votes: same input, same lists, for ever. */
export function formulaLists(
  films: CatalogueFilm[],
  prior: { m: number; c: number; votes: number },
  asOf: string,
  config: Pick<Config, 'weightedRating' | 'lists'>,
): FormulaLists {
  const top = topList(films, prior.m, config.weightedRating.provisionalShare);
  const arrivals = newArrivals(films, asOf, config.weightedRating);
  return {
    ...prior,
    films,
    top: top.films.map((film) => film.filmId),
    eligible: top.eligible,
    provisional: top.eligible < config.lists.size,
    newArrivals: arrivals.listed,
    heldArrivals: arrivals.held,
  };
}
