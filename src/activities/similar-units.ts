import { readFileSync } from 'node:fs';
import type { FormulaLists } from '../contracts/index.js';
import { likenessOf, similarProblems } from '../core/similar/similar-audit.js';
import { createSimilarFilms, type FilmTastes } from '../core/similar/similar-films.js';
import { openSimilar, packSimilar } from '../core/similar/similar-table.js';

export interface SimilarJob {
  /** formula.json, read by each thread itself. */
  formulaPath: string;
  model: FilmTastes | null;
  /** What was found, for the audit; in shared memory. */
  table: Uint32Array;
}

/** Films of one unit of work. */
export const UNIT_FILMS = 64;

/**
 * Module of a thread crew (deps.ts, CrewJob): unit n = films n·64 … n·64+63 of the formula. Phase "find" returns their neighbours
 * for the table, phase "audit" what is wrong with their neighbours in the table, if anything.
 */
export function createUnitRunner(job: SimilarJob): (phase: string, unit: number) => unknown {
  // Written by buildFormula from checked rows, so that a cast will do.
  const { films, top } = JSON.parse(readFileSync(job.formulaPath, 'utf8')) as FormulaLists;
  const filmIds = films.map(({ filmId }) => filmId);
  const indexes = new Map(filmIds.map((filmId, index) => [filmId, index]));
  const order = top.flatMap((filmId) => indexes.get(filmId) ?? []);
  const similarTo = createSimilarFilms(films, order, job.model);
  const holds = likenessOf(films, job.model);
  const table = openSimilar(job.table, filmIds);
  return (phase, unit) => {
    const own = filmIds.slice(unit * UNIT_FILMS, (unit + 1) * UNIT_FILMS);
    if (phase === 'find') return packSimilar(own.map((_, n) => similarTo(unit * UNIT_FILMS + n)));
    const problems = similarProblems(table, own, holds);
    return problems.length === 0 ? undefined : problems;
  };
}
