import type { Config } from '../contracts/config.js';
import type { MovieList, MovieListItem, RecommendationItem } from '../contracts/api.js';
import type { CatalogueFilm } from '../contracts/release.js';
import { createCatalogue } from '../core/ranking/catalogue.js';
import { formulaReason } from '../core/explain/reason.js';
import { type Audience, SERVE_GATES, visibleTo } from './audience.js';
import type { ServedFormula } from './deps.js';

export interface FormulaPages {
  releaseId: string;
  /** Highest weighted rating first (science B.3). */
  top(audience: Audience, limit: number): MovieList;
  /** Newest in the catalogue first (science B.5). */
  arrivals(audience: Audience, limit: number): MovieList;
  /** What is popular where this audience is, then by weighted rating: the order of the fallback. */
  popular(audience: Audience, limit: number): MovieList;
  /** The fallback of every personal list (core/ranking/catalogue.ts), as ready JSON items, without the films that are `gone`. */
  recommendations(
    audience: Audience,
    limit: number,
    gone?: ReadonlySet<string>,
  ): { count: number; json: string };
}

/** Films of one audience that are kept: no page is longer. */
export const LONGEST_PAGE = 100;
const NOTHING: ReadonlySet<string> = new Set();
/** Audiences kept; there are at most 100 ages, and few markets. */
const AUDIENCES = 1000;

/**
 * Pages of one formula release. Films that the age rule or their rights exclude for an audience are gone before
 * anything is counted or cut. What an audience sees is worked out once per release.
 */
export function createFormulaPages(
  { releaseId, lists }: ServedFormula,
  config: Pick<Config, 'ages' | 'weightedRating'>,
  gates = SERVE_GATES,
): FormulaPages {
  const catalogue = createCatalogue(lists, config.ages);
  const isNew = new Set(lists.newArrivals);
  const arrivals = lists.newArrivals.flatMap((filmId) => catalogue.indexOf(filmId) ?? []);
  const enoughVotes = lists.m / config.weightedRating.provisionalShare;
  const cache = new Map<string, ReturnType<typeof pagesOf>>();

  const visible = (indexes: Iterable<number>, audience: Audience): CatalogueFilm[] => {
    const found: CatalogueFilm[] = [];
    const isVisible = visibleTo(catalogue, audience, gates);
    for (const index of indexes) {
      const film = catalogue.films[index];
      if (film !== undefined && isVisible[index] === 1) found.push(film);
      if (found.length === LONGEST_PAGE) break;
    }
    return found;
  };
  const pagesOf = (audience: Audience) => {
    const top = visible(catalogue.top, audience).filter((film) => film.votes >= enoughVotes);
    const { order, popular } = catalogue.fallback(audience.market, audience.maxAge);
    return {
      order: visible(order, audience),
      popular: new Set(visible(order.subarray(0, popular), audience)),
      top: top.map(listItem),
      /** Films of `top` with the votes that an ordinary Top needs. */
      established: top.filter((film) => film.votes >= lists.m).length,
      arrivals: visible(arrivals, audience).map(listItem),
    };
  };
  const pages = (audience: Audience) => {
    const key = `${audience.maxAge} ${audience.market}`;
    let found = cache.get(key);
    if (found === undefined) {
      if (cache.size >= AUDIENCES) cache.clear();
      found = pagesOf(audience);
      cache.set(key, found);
    }
    return found;
  };

  return {
    releaseId,
    top(audience, limit) {
      const { top, established } = pages(audience);
      return { release: releaseId, provisional: established < limit, items: top.slice(0, limit) };
    },
    arrivals(audience, limit) {
      return { release: releaseId, provisional: false, items: pages(audience).arrivals.slice(0, limit) };
    },
    popular(audience, limit) {
      const items = pages(audience).order.slice(0, limit).map(listItem);
      return { release: releaseId, provisional: false, items };
    },
    recommendations(audience, limit, gone = NOTHING) {
      const { order, popular } = pages(audience);
      const shown = gone.size === 0 ? order : order.filter(({ filmId }) => !gone.has(filmId));
      const items = shown
        .slice(0, limit)
        .map((film, index) => recommendationJson(film, index, isNew.has(film.filmId), popular.has(film)));
      return { count: items.length, json: items.join(',') };
    },
  };
}

function listItem(film: CatalogueFilm, index: number): MovieListItem {
  const { filmId, title, year, genres, votes, averageRating, weightedRating } = film;
  return { rank: index + 1, movieId: filmId, title, year, genres, votes, averageRating, weightedRating };
}

function recommendationJson(film: CatalogueFilm, index: number, isNew: boolean, isPopular: boolean): string {
  const { filmId, title, year, votes, weightedRating } = film;
  const reason = formulaReason({ isNew, isPopular, votes });
  const item: RecommendationItem = {
    rank: index + 1,
    movieId: filmId,
    title,
    year,
    score: weightedRating,
    reason,
  };
  return JSON.stringify(item);
}
