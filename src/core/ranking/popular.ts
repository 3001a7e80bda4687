import type { FormulaLists } from '../../contracts/index.js';
import { compareIds } from '../weighted-rating/index.js';

type Popular = NonNullable<FormulaLists['popular']>;

/** How many viewers of a cell came to like a film lately; see warehouse/marts/mart_popularity.sql. */
export interface CellCount {
  market: string;
  band: number;
  filmId: string;
  viewers: number;
}

/** Films told of a cell: the longest list that config allows (lists.size), and as many that a viewer's filters may take away. */
export const CELL_FILMS = 400;

/** Films of each cell, those that most viewers like first, then by id; CELL_FILMS of them, as in the mart. */
export function popularCells(counts: readonly CellCount[]): Popular['cells'] {
  const cells = new Map<string, { market: string; band: number; rows: CellCount[] }>();
  for (const row of counts) {
    const key = `${row.band} ${row.market}`;
    const cell = cells.get(key) ?? { market: row.market, band: row.band, rows: [] };
    cell.rows.push(row);
    cells.set(key, cell);
  }
  return [...cells.values()]
    .sort((a, b) => compareIds(a.market, b.market) || a.band - b.band)
    .map(({ market, band, rows }) => ({
      market,
      band,
      films: rows
        .sort((a, b) => b.viewers - a.viewers || compareIds(a.filmId, b.filmId))
        .slice(0, CELL_FILMS)
        .map(({ filmId }) => filmId),
    }));
}

/** The age bands that somebody of this age has reached: 0 = below the first bound. */
export function bandOf(maxAge: number, ageBands: readonly number[]): number {
  return ageBands.filter((bound) => bound <= maxAge).length;
}

/**
 * What is popular where a viewer is (science I.1): in the viewer's age band of the market, then in the market, then with
 * everybody; each film at its best place. A cell too small to be told has no films and so gives way to the next.
 */
export function popularIn({ ageBands, cells }: Popular, market: string, maxAge: number): string[] {
  const own = market.trim().toUpperCase();
  const wanted = [
    [own, bandOf(maxAge, ageBands)],
    [own, -1],
    ['', -1],
  ] as const;
  const films = wanted.flatMap(
    ([name, band]) => cells.find((cell) => cell.market === name && cell.band === band)?.films ?? [],
  );
  return [...new Set(films)];
}
