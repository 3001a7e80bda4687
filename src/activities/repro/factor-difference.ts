import { readLearnt } from '../model-files.js';
import type { ArtifactStore } from '../deps.js';

/**
 * Where two models' film factors, or the weights of films for each other, differ, in words: films that one lacks, and the largest
 * change. Weights of films that only one of them knows are not compared.
 */
export async function factorDifference(
  artifacts: ArtifactStore,
  then: string,
  now: string,
): Promise<string[]> {
  const [a, b] = [await readLearnt(artifacts, then), await readLearnt(artifacts, now)];
  if (a.kind !== b.kind) return [`the model was ${a.kind}, is ${b.kind}`];
  if (a.kind === 'als' && a.width !== b.width) return [`k was ${a.width}, is ${b.width}`];
  const rowOf = new Map(b.filmIds.map((filmId, row) => [filmId, row]));
  const columns = a.kind === 'ease' ? a.filmIds.map((filmId) => rowOf.get(filmId)) : null;
  const [learnt, place] = a.kind === 'ease' ? ['weights', 'for film'] : ['factors', 'factor'];
  let [films, most] = [0, { by: 0, filmId: '', at: 0, was: 0, is: 0 }];
  const lost = a.filmIds.filter((filmId) => !rowOf.has(filmId));
  for (const [row, filmId] of a.filmIds.entries()) {
    const other = rowOf.get(filmId);
    if (other === undefined) continue;
    let differs = false;
    for (let f = 0; f < a.width; f++) {
      const column = columns === null ? f : columns[f];
      if (column === undefined) continue;
      const [x, y] = [a.numbers[row * a.width + f]!, b.numbers[other * b.width + column]!];
      if (Object.is(x, y)) continue;
      differs = true;
      if (Math.abs(x - y) > most.by) most = { by: Math.abs(x - y), filmId, at: f, was: x, is: y };
    }
    films += Number(differs);
  }
  const gained = b.filmIds.length - (a.filmIds.length - lost.length);
  return [
    ...(lost.length === 0 ? [] : [`${lost.length} films are not in the model any more, e.g. ${lost[0]}`]),
    ...(gained === 0 ? [] : [`${gained} films are in the model that were not`]),
    ...(films === 0
      ? []
      : [
          `${films} of ${a.filmIds.length} films have other ${learnt}; most, film ${most.filmId}, ${place} ${a.kind === 'ease' ? a.filmIds[most.at] : most.at}: ${most.was} then, ${most.is} now`,
        ]),
  ];
}
