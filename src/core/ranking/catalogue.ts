import type { CatalogueFilm, Config, FormulaLists } from '../../contracts/index.js';
import { filmMinAge, NEVER } from '../age-gate/index.js';
import { bandOf, popularIn } from './popular.js';

/** The formula's films by their index (its order of films), with what every viewer's filters need. */
export interface Catalogue {
  films: readonly CatalogueFilm[];
  /** Film indexes in the order of the Top list. */
  top: Int32Array;
  /** 1 for films of New Arrivals. */
  isNew: Uint8Array;
  indexOf(filmId: string): number | undefined;
  shelf(market: string): Shelf;
  /** What a viewer of this market and age gets of whom nothing is known. */
  fallback(market: string, maxAge: number): Fallback;
}

/** Film indexes: what is popular where the viewer is, then the rest in the order of the Top list. */
export interface Fallback {
  order: Int32Array;
  /** So many of the first ones are there because they are popular now. */
  popular: number;
}

/** One market's view of the films, by film index. */
export interface Shelf {
  /** Minimum age in years. */
  minAge: Uint8Array;
  /** 1 where rights are held. */
  isHeld: Uint8Array;
  /** Minimum age as it was published, worked out apart from `minAge`; null in releases of earlier versions. */
  published: Uint8Array | null;
}

export function createCatalogue(formula: FormulaLists, ages: Config['ages']): Catalogue {
  const { films } = formula;
  const indexes = new Map(films.map((film, index) => [film.filmId, index]));
  const isNew = new Uint8Array(films.length);
  for (const filmId of formula.newArrivals) {
    const index = indexes.get(filmId);
    if (index !== undefined) isNew[index] = 1;
  }
  const shelves = new Map<string, Shelf>();
  const fallbacks = new Map<string, Fallback>();
  const top = Int32Array.from(formula.top.flatMap((filmId) => indexes.get(filmId) ?? []));
  return {
    films,
    top,
    isNew,
    indexOf: (filmId) => indexes.get(filmId),
    shelf(market) {
      const known = shelves.get(market);
      if (known !== undefined) return known;
      const shelf = {
        minAge: Uint8Array.from(films, (film) => filmMinAge(film.certificates, market, ages)),
        isHeld: Uint8Array.from(films, (film) => Number(isHeldIn(film, market))),
        published: publishedAges(formula, market),
      };
      shelves.set(market, shelf);
      return shelf;
    },
    fallback(market, maxAge) {
      const { popular } = formula;
      if (popular === undefined) return { order: top, popular: 0 };
      const key = `${bandOf(maxAge, popular.ageBands)} ${market}`;
      const known = fallbacks.get(key);
      if (known !== undefined) return known;
      const first = popularIn(popular, market, maxAge).flatMap((filmId) => indexes.get(filmId) ?? []);
      const made = { order: Int32Array.from(new Set([...first, ...top])), popular: first.length };
      fallbacks.set(key, made);
      return made;
    },
  };
}

function publishedAges({ minAges, films }: FormulaLists, market: string): Uint8Array | null {
  if (minAges === undefined) return null;
  const ages = minAges[market.trim().toUpperCase()] ?? minAges[''] ?? [];
  return Uint8Array.from(films, (_, index) => ages[index] ?? NEVER);
}

/** The one rights rule: held in the market, in whatever case it is written, or everywhere ("*"). */
export function isHeldIn(film: Pick<CatalogueFilm, 'markets'>, market: string): boolean {
  return film.markets.some((name) => name === '*' || name.toUpperCase() === market.toUpperCase());
}
