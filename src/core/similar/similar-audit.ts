import type { CatalogueFilm } from '../../contracts/index.js';
import type { FilmTastes, SimilarFilm } from './similar-films.js';
import type { SimilarTable } from './similar-table.js';

type Holds = (filmId: string, other: string, kind: SimilarFilm['kind']) => boolean;

/**
 * What is wrong with a table, worked out from the films and the factors themselves: neighbours that are the film itself,
 * come twice or are not there, facts that are not shared, tastes that the model does not know. Empty, or nothing is published.
 */
export function similarProblems(table: SimilarTable, filmIds: readonly string[], holds: Holds): string[] {
  return filmIds.flatMap((filmId) => {
    const neighbours = table.of(filmId) ?? [];
    const ids = neighbours.map((neighbour) => neighbour.filmId);
    const twice = ids.find((id, i) => id === filmId || ids.indexOf(id) !== i);
    const untrue = neighbours.find((neighbour) => !holds(filmId, neighbour.filmId, neighbour.kind));
    return [
      ...(twice === undefined ? [] : [`film ${filmId} has ${twice} among its neighbours wrongly or twice`]),
      ...(untrue === undefined ? [] : [`film ${filmId} is not like ${untrue.filmId} by ${untrue.kind}`]),
    ];
  });
}

/** Whether two films are alike in that way, by code that shares nothing with what finds neighbours. */
export function likenessOf(films: readonly CatalogueFilm[], model: FilmTastes | null): Holds {
  const facts = new Map(films.map((film) => [film.filmId, factsOf(film)]));
  const rows = new Map(model?.filmIds.map((filmId, row) => [filmId, row]));
  return (filmId, other, kind) => {
    if (kind === 'facts') {
      const theirs = facts.get(other);
      return theirs !== undefined && [...(facts.get(filmId) ?? [])].some((fact) => theirs.has(fact));
    }
    const [a, b] = [rows.get(filmId), rows.get(other)];
    return model !== null && a !== undefined && b !== undefined && isLike(model, a, b);
  };
}

/** Each with its kind before it: a director is not an actor of the same name. */
function factsOf({ directors, actors, genres, countries, year }: CatalogueFilm): ReadonlySet<string> {
  return new Set([
    ...Object.entries({ directors, actors, genres, countries }).flatMap(([kind, names]) =>
      names.map((name) => `${kind} ${name.toLowerCase()}`),
    ),
    ...(year === null ? [] : [`decade ${Math.floor(year / 10)}`]),
  ]);
}

/** An acute angle of factors; a weight above 0, which B_ij and B_ji are together. */
function isLike(model: FilmTastes, a: number, b: number): boolean {
  if (model.kind === 'items') return model.weights[a * model.filmIds.length + b]! > 0;
  const { factors, k } = model;
  let sum = 0;
  for (let f = 0; f < k; f++) sum += factors[a * k + f]! * factors[b * k + f]!;
  return sum > 0;
}
