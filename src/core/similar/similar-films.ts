import type { CatalogueFilm } from '../../contracts/index.js';
import { selectTop } from '../ranking/select-top.js';
import { factNeighbours } from './facts.js';
import { likenessToRow } from './taste-likeness.js';

/** Neighbours kept of each film. */
export const NEIGHBOURS = 24;

/**
 * How much the two likenesses count. Taste is what the model says of the two (taste-likeness.ts), 0 where it does not know
 * both films, and never less than 0: being disliked together is no likeness.
 */
const TASTE = 0.7;
const FACTS = 0.3;

/** Candidates by each of the two; the best of both together are kept. */
const CANDIDATES = 64;

/** Numbers of a model about films; row r is film filmIds[r]. */
export type FilmTastes = {
  filmIds: readonly string[];
  /** The first so many rows come from what people did; the others from facts (als/prior.ts). */
  learnt: number;
} & (
  | { kind: 'factors'; /** films × k */ factors: Float32Array; k: number }
  | { kind: 'items'; /** B of EASE, films × films */ weights: Float32Array }
);

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
  model: FilmTastes | null,
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
        const byTaste = TASTE * Math.max(0, taste?.between(film, other) ?? 0);
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

/** Films by what a model makes of them. Its likeness to one film is kept until another is asked for. */
function tasteNeighbours(films: readonly CatalogueFilm[], model: FilmTastes) {
  const { filmIds, learnt } = model;
  const indexes = new Map(films.map(({ filmId }, index) => [filmId, index]));
  const filmOfRow = filmIds.map((filmId) => indexes.get(filmId) ?? -1);
  const rowOfFilm = new Int32Array(films.length).fill(-1);
  filmOfRow.forEach((film, row) => {
    if (film >= 0) rowOfFilm[film] = row;
  });
  const write = likenessToRow(model);
  const likeness = new Float64Array(filmIds.length);
  let last = -1;
  const to = (row: number): Float64Array => {
    if (row !== last) write(row, likeness);
    last = row;
    return likeness;
  };
  return {
    /** Whether people did something with the film; true as well of a film that the model does not have. */
    isLearnt: (film: number): boolean => rowOfFilm[film]! < learnt,
    between(a: number, b: number): number {
      const [x, y] = [rowOfFilm[a] ?? -1, rowOfFilm[b] ?? -1];
      return x < 0 || y < 0 ? 0 : to(x)[y]!;
    },
    /** Films that are like this one at all, nearest first. */
    of(film: number, limit: number): number[] {
      const own = rowOfFilm[film] ?? -1;
      if (own < 0) return [];
      const found = to(own);
      const isWanted = (row: number) => row !== own && filmOfRow[row]! >= 0 && found[row]! > 0;
      return Array.from(selectTop(found, isWanted, limit), (row) => filmOfRow[row]!);
    },
  };
}
