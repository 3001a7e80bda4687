import type { MovieDetail, MovieListItem, RecommendationItem } from '../../contracts/api.js';
import type { Audience } from '../audience.js';
import type { ServedFormula } from '../deps.js';
import type { FormulaPages } from '../formula-pages.js';
import type { Shelf } from '../shelf.js';
import { poster } from './posters/poster.js';
import { type Html, raw } from './html.js';

/** A film as pages show it: its facts, and its poster. */
export interface Shown extends MovieDetail {
  poster: Html;
}
/** A film in a list; `place` counts from 1. */
export interface Listed {
  film: Shown;
  place: number;
}
/** An item of a personal list, with a reason whose films may all be named. */
export interface Personal extends Listed {
  /** `withheld`: the reason cannot be told, for it names what this audience may not see. */
  kind: RecommendationItem['reason']['kind'] | 'withheld';
  text: string;
  cited: Shown[];
}

/**
 * One formula release as one audience may see it. Everything that a page shows of a film comes out of `film`, and so
 * passes the serve gate here, whatever list named it.
 */
export interface Programme {
  releaseId: string;
  night: string;
  audience: Audience;
  film: (movieId: string) => Shown | null;
  /** `rank`: the place in the whole list, of which `items` may be a later page. */
  listed: (items: readonly (Pick<MovieListItem, 'movieId'> & { rank?: number })[]) => Listed[];
  personal: (items: readonly RecommendationItem[]) => Personal[];
  shelf: Shelf;
  lists: FormulaPages;
}

/** Posters of one release, drawn when first shown; about 2 KB each. */
export function createPosters(): (film: MovieDetail) => Html {
  const drawn = new Map<string, Html>();
  return (film) => {
    let found = drawn.get(film.movieId);
    if (found === undefined) {
      found = raw(poster(film));
      drawn.set(film.movieId, found);
    }
    return found;
  };
}

export function createProgramme(
  served: ServedFormula,
  { shelf, lists, posters }: { shelf: Shelf; lists: FormulaPages; posters: (film: MovieDetail) => Html },
  audience: Audience,
): Programme {
  const film = (movieId: string): Shown | null => {
    const found = shelf.film(movieId, audience);
    return found === null ? null : { ...found, poster: posters(found) };
  };
  const shown = (ids: readonly string[]) => ids.map(film).filter((found) => found !== null);
  return {
    releaseId: served.releaseId,
    night: served.night,
    audience,
    film,
    shelf,
    lists,
    listed: (items) =>
      items
        .flatMap(({ movieId, rank }) => {
          const found = film(movieId);
          return found === null ? [] : [{ film: found, rank }];
        })
        .map(({ film: found, rank }, i) => ({ film: found, place: rank ?? i + 1 })),
    personal(items) {
      return items
        .flatMap(({ movieId, reason }) => {
          const found = film(movieId);
          if (found === null) return [];
          const cited = shown(reason.movieIds);
          // A reason may not name what its reader may not see: then it names nothing.
          const isWhole = cited.length === reason.movieIds.length;
          return [
            isWhole
              ? { film: found, kind: reason.kind, text: reason.text, cited }
              : { film: found, kind: 'withheld' as const, text: 'On your list', cited: [] },
          ];
        })
        .map((item, i) => ({ ...item, place: i + 1 }));
    },
  };
}
