import { readFileSync } from 'node:fs';
import type { FormulaLists } from '../contracts/index.js';
import { createSimilarFilms, type FilmFactors } from '../core/similar/similar-films.js';
import { packSimilar } from '../core/similar/similar-table.js';

export interface SimilarJob {
  /** formula.json, read by each thread itself. */
  formulaPath: string;
  model: FilmFactors | null;
}

/** Films of one unit of work. */
export const UNIT_FILMS = 64;

/** Module of a thread crew (deps.ts, CrewJob): unit n = the neighbours of films n·64 … n·64+63 of the formula. */
export function createUnitRunner(job: SimilarJob): (phase: string, unit: number) => Uint32Array {
  // Written by buildFormula from checked rows, so that a cast will do.
  const { films, top } = JSON.parse(readFileSync(job.formulaPath, 'utf8')) as FormulaLists;
  const indexes = new Map(films.map(({ filmId }, index) => [filmId, index]));
  const order = top.flatMap((filmId) => indexes.get(filmId) ?? []);
  const similarTo = createSimilarFilms(films, order, job.model);
  return (_phase, unit) => {
    const end = Math.min((unit + 1) * UNIT_FILMS, films.length);
    const rows = [];
    for (let film = unit * UNIT_FILMS; film < end; film++) rows.push(similarTo(film));
    return packSimilar(rows);
  };
}
