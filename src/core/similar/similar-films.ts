import type { CatalogueFilm } from '../../contracts/index.js';
import { selectTop } from '../ranking/select-top.js';
import { factNeighbours } from './facts.js';

/** Neighbours kept of each film. */
export const NEIGHBOURS = 24;

/**
 * How much the two likenesses count. Taste is the cosine of the model's film factors, 0 where the model does not know
 * both films, and never less than 0: being disliked together is no likeness.
 */
const TASTE = 0.7;
const FACTS = 0.3;

/** Candidates by each of the two; the best of both together are kept. */
const CANDIDATES = 64;

/** Factors of films × k, row-major; row r is film filmIds[r]. */
export interface FilmFactors {
  factors: Float32Array;
  filmIds: readonly string[];
  k: number;
  /** The first so many rows come from what people did; the others from facts (als/prior.ts). */
  learnt: number;
}

/** One film like another, and which of the two likenesses says more of it. */
export interface SimilarFilm {
  /** Index in the catalogue. */
  film: number;
  kind: 'taste' | 'facts';
}

/** For films one at a time: those most like it, best first. `top`: film indexes in the order of the Top list. */
export function createSimilarFilms(
  films: readonly CatalogueFilm[],
  top: Iterable<number>,
  model: FilmFactors | null,
): (film: number) => SimilarFilm[] {
  const order = [...top];
  const facts = factNeighbours(films, order);
  const taste = model === null ? null : tasteNeighbours(films, model);
  const place = new Int32Array(films.length).fill(films.length);
  order.forEach((film, i) => (place[film] = i));

  return (film) => {
    const near = taste?.of(film, CANDIDATES) ?? [];
    const candidates = new Set([...near, ...facts.of(film, CANDIDATES).map((found) => found.film)]);
    return [...candidates]
      .map((other) => {
        const byTaste = TASTE * Math.max(0, taste?.cosine(film, other) ?? 0);
        const byFacts = FACTS * facts.score(film, other);
        // A taste that comes from facts is no taste of people, and nothing without a fact in common to name.
        if (taste?.isLearnt(film) === false || taste?.isLearnt(other) === false) {
          return { film: other, score: byFacts === 0 ? 0 : byTaste + byFacts, isTaste: false };
        }
        return { film: other, score: byTaste + byFacts, isTaste: byTaste > byFacts };
      })
      .filter(({ score }) => score > 0)
      .sort((a, b) => b.score - a.score || (place[a.film] ?? 0) - (place[b.film] ?? 0))
      .slice(0, NEIGHBOURS)
      .map(({ film: other, isTaste }) => ({ film: other, kind: isTaste ? 'taste' : 'facts' }));
  };
}

/** Films by the angle between their factors. */
function tasteNeighbours(films: readonly CatalogueFilm[], { factors, filmIds, k, learnt }: FilmFactors) {
  const indexes = new Map(films.map(({ filmId }, index) => [filmId, index]));
  const filmOfRow = filmIds.map((filmId) => indexes.get(filmId) ?? -1);
  const rowOfFilm = new Int32Array(films.length).fill(-1);
  filmOfRow.forEach((film, row) => {
    if (film >= 0) rowOfFilm[film] = row;
  });
  const unit = Float64Array.from(factors);
  for (let row = 0; row < filmIds.length; row++) {
    const y = unit.subarray(row * k, (row + 1) * k);
    const length = Math.sqrt(y.reduce((sum, value) => sum + value * value, 0));
    for (let f = 0; f < k; f++) y[f] = length === 0 ? 0 : (y[f] ?? 0) / length;
  }
  const dot = (a: number, b: number) => {
    let sum = 0;
    for (let f = 0, x = a * k, y = b * k; f < k; f++, x++, y++) sum += unit[x]! * unit[y]!;
    return sum;
  };
  const cosines = new Float64Array(filmIds.length);
  return {
    /** Whether people did something with the film; true as well of a film without factors. */
    isLearnt: (film: number): boolean => rowOfFilm[film]! < learnt,
    cosine(a: number, b: number): number {
      const [x, y] = [rowOfFilm[a] ?? -1, rowOfFilm[b] ?? -1];
      return x < 0 || y < 0 ? 0 : dot(x, y);
    },
    /** Films with an acute angle to this one, nearest first. */
    of(film: number, limit: number): number[] {
      const own = rowOfFilm[film] ?? -1;
      if (own < 0) return [];
      for (let row = 0; row < cosines.length; row++) cosines[row] = dot(own, row);
      const isWanted = (row: number) => row !== own && filmOfRow[row]! >= 0 && cosines[row]! > 0;
      return Array.from(selectTop(cosines, isWanted, limit), (row) => filmOfRow[row]!);
    },
  };
}
