import type {
  Facets,
  MovieDetail,
  MovieListItem,
  MoviePage,
  SimilarItem,
  SimilarList,
} from '../contracts/api.js';
import type { Config } from '../contracts/config.js';
import type { CatalogueFilm } from '../contracts/release.js';
import { NEVER } from '../core/age-gate/index.js';
import { createCatalogue } from '../core/ranking/catalogue.js';
import { externalVotes } from '../core/weighted-rating/index.js';
import { type FactNeighbours, factNeighbours } from '../core/similar/facts.js';
import { type Audience, SERVE_GATES, visibleTo } from './audience.js';
import { cursorOf, positionIn } from './cursor.js';
import type { ServedFormula, ServedLists } from './deps.js';
import { createSearchIndex, type SearchIndex, words } from './search-index.js';

export interface ShelfQuestion {
  query?: string | undefined;
  genre?: string | undefined;
  /** First year of one: 1950. */
  decade?: number | undefined;
  /** `nextCursor` of the page before. */
  cursor?: string | undefined;
  limit: number;
}

/** The films of one formula release as their audiences may see them: nothing else is found, counted or named. */
export interface Shelf {
  releaseId: string;
  /** null = there is no such film for this audience. */
  film(movieId: string, audience: Audience): MovieDetail | null;
  /** By relevance with a query that has a word in it, else in the order of the Top list. */
  search(question: ShelfQuestion, audience: Audience): MoviePage;
  /** No items where the film itself is not for this audience. */
  similar(movieId: string, audience: Audience, limit: number): SimilarList;
  facets(audience: Audience): Facets;
}

/** What two films are to the model whose factors point the same way. */
const SAME_TASTE = 'Liked by people of the same taste';

/** Audiences whose view is kept, and answers: with 60,000 films a view takes 0.4 MB, an answer up to 0.5 MB. */
const VIEWS = 64;
const ANSWERS = 64;

/** One audience's films: indexes in the order of the Top list, and whether each film is among them. */
interface View {
  key: string;
  order: readonly number[];
  isVisible: Uint8Array;
  facets: Facets;
}

/**
 * All answers are worked out in memory, from what passes the serve gate for the audience. A page follows the film that
 * the one before ended with, also when another release has come between; when that film is gone, its rank.
 */
export function createShelf(
  { releaseId, lists, similar }: ServedFormula,
  { ages, weightedRating }: Pick<Config, 'ages' | 'weightedRating'>,
  personal: () => Pick<ServedLists, 'releaseId' | 'similar'> | null = () => null,
  gates = SERVE_GATES,
): Shelf {
  /** The part of an average from elsewhere in the formula, as core/weighted-rating has it. */
  const evidence = (external: CatalogueFilm['external']) =>
    external === undefined
      ? {}
      : { e: externalVotes(external, lists.m, weightedRating.externalShare), E: external.average };
  const { films } = lists;
  const catalogue = createCatalogue(lists, ages);
  let searchIndex: SearchIndex | undefined;
  let neighbours: FactNeighbours | undefined;

  const viewOf = kept(VIEWS, (key: string, { market, maxAge }: Audience): View => {
    const isVisible = visibleTo(catalogue, { market, maxAge }, gates);
    const order = [...catalogue.top].filter((index) => isVisible[index] === 1);
    return { key, order, isVisible, facets: facetsOf(order.map((index) => filmAt(index))) };
  });
  const answerOf = kept(ANSWERS, (_key: string, view: View, question: ShelfQuestion) => {
    const { query = '', genre, decade } = question;
    const wantedGenre = genre === undefined ? undefined : folded(genre);
    const isWanted = (index: number) =>
      view.isVisible[index] === 1 &&
      (wantedGenre === undefined || filmAt(index).genres.some((name) => folded(name) === wantedGenre)) &&
      (decade === undefined || decadeOf(filmAt(index)) === decade);
    if (words(query).length === 0) return view.order.filter(isWanted);
    searchIndex ??= createSearchIndex(films);
    return searchIndex.find(query, isWanted);
  });

  const filmAt = (index: number): CatalogueFilm => {
    const film = films[index];
    if (film === undefined) throw new Error(`release ${releaseId} has no film ${index}`);
    return film;
  };
  const levelsOf = kept(VIEWS, (market) => {
    const { minAge, published } = catalogue.shelf(market);
    return [...new Set([...minAge, ...(published ?? [])])].sort((x, y) => x - y);
  });
  /** Ages between two minimum ages of a market see the same films, and share a view. */
  const view = ({ market, maxAge }: Audience) => {
    const level = levelsOf(market).findLast((age) => age <= maxAge) ?? -1;
    return viewOf(`${level} ${market}`, { market, maxAge: level });
  };
  /** The index of a film that this audience may see. */
  const shown = (movieId: string, audience: Audience) => {
    const index = catalogue.indexOf(movieId);
    return index !== undefined && view(audience).isVisible[index] === 1 ? index : undefined;
  };

  return {
    releaseId,
    film(movieId, audience) {
      const index = shown(movieId, audience);
      if (index === undefined) return null;
      const { filmId, markets: _markets, addedAt: _addedAt, ...film } = filmAt(index);
      return {
        release: releaseId,
        movieId: filmId,
        ...film,
        minAge: catalogue.shelf(audience.market).minAge[index] ?? NEVER,
        formula: { v: film.votes, R: film.averageRating, m: lists.m, C: lists.c, ...evidence(film.external) },
      };
    },
    search(question, audience) {
      const { query = '', genre = '', decade = null, cursor, limit } = question;
      const asked = [words(query), folded(genre), decade];
      const seen = view(audience);
      const answer = answerOf(`${seen.key} ${JSON.stringify(asked)}`, seen, question);
      const start = cursor === undefined ? 0 : startAfter(answer, positionIn(cursor, asked));
      const page = answer.slice(start, start + limit);
      const last = page.at(-1);
      const end = start + page.length;
      return {
        release: releaseId,
        total: answer.length,
        items: page.map((index, i) => listItem(filmAt(index), start + i)),
        nextCursor:
          last === undefined || end >= answer.length
            ? null
            : cursorOf(asked, { filmId: filmAt(last).filmId, rank: end }),
      };
    },
    similar(movieId, audience, limit) {
      const index = shown(movieId, audience);
      if (index === undefined) return { release: releaseId, movieId, items: [] };
      const byTaste = personal();
      const ofTaste = byTaste?.similar?.of(movieId) ?? null;
      const stored = ofTaste ?? similar?.of(movieId) ?? [];
      const { isVisible } = view(audience);
      const found = neighboursOf(index, stored, isVisible, limit).slice(0, limit);
      return {
        release: ofTaste === null ? releaseId : (byTaste?.releaseId ?? releaseId),
        movieId,
        items: found.map(({ film, why }, i) => ({ ...listItem(filmAt(film), i), why })),
      };
    },
    facets: (audience) => view(audience).facets,
  };

  /**
   * The stored neighbours that may be shown, then others that have facts in common with the film: what is stored of a film
   * for adults leaves a child with little. What speaks for a neighbour is read off the films of this release.
   */
  function neighboursOf(
    index: number,
    stored: readonly { filmId: string; kind: 'taste' | 'facts' }[],
    isVisible: Uint8Array,
    limit: number,
  ): { film: number; why: SimilarItem['why'] }[] {
    neighbours ??= factNeighbours(films, catalogue.top);
    const { of, text } = neighbours;
    const found = stored.flatMap(({ filmId, kind }) => {
      const film = catalogue.indexOf(filmId);
      if (film === undefined || isVisible[film] !== 1) return [];
      const why = kind === 'taste' ? SAME_TASTE : text(index, film);
      return why === null ? [] : [{ film, why: { kind, text: why } }];
    });
    if (found.length >= limit) return found;
    const taken = new Set(found.map(({ film }) => film));
    const more = of(index, limit - found.length, (film) => isVisible[film] === 1 && !taken.has(film));
    const byFacts = more.flatMap(({ film }) => {
      const why = text(index, film);
      return why === null ? [] : [{ film, why: { kind: 'facts' as const, text: why } }];
    });
    return [...found, ...byFacts];
  }

  function startAfter(answer: readonly number[], { filmId, rank }: { filmId: string; rank: number }): number {
    const index = catalogue.indexOf(filmId);
    const at = index === undefined ? -1 : answer.indexOf(index);
    return at === -1 ? rank : at + 1;
  }
}

export function listItem(film: CatalogueFilm, index: number): MovieListItem {
  const { filmId, title, year, genres, votes, averageRating, weightedRating } = film;
  return { rank: index + 1, movieId: filmId, title, year, genres, votes, averageRating, weightedRating };
}

function facetsOf(films: readonly CatalogueFilm[]): Facets {
  const genres = new Map<string, number>();
  const decades = new Map<number, number>();
  for (const film of films) {
    for (const genre of new Set(film.genres)) genres.set(genre, (genres.get(genre) ?? 0) + 1);
    const decade = decadeOf(film);
    if (decade !== null) decades.set(decade, (decades.get(decade) ?? 0) + 1);
  }
  return {
    genres: [...genres]
      .map(([genre, count]) => ({ genre, count }))
      .sort((a, b) => b.count - a.count || (a.genre < b.genre ? -1 : 1)),
    decades: [...decades].map(([decade, count]) => ({ decade, count })).sort((a, b) => a.decade - b.decade),
  };
}

function decadeOf({ year }: Pick<CatalogueFilm, 'year'>): number | null {
  return year === null ? null : year - (year % 10);
}

/** One spelling of a genre: "Sci-Fi", "sci fi". */
function folded(genre: string): string {
  return words(genre).join(' ');
}

/** The last `most` results of `make`, by key; the one made first goes first. */
function kept<A extends unknown[], R>(most: number, make: (key: string, ...args: A) => R) {
  const results = new Map<string, R>();
  return (key: string, ...args: A): R => {
    const known = results.get(key);
    if (known !== undefined) return known;
    const made = make(key, ...args);
    const [first] = results.keys();
    if (results.size >= most && first !== undefined) results.delete(first);
    results.set(key, made);
    return made;
  };
}
