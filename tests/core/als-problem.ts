import { type CellList, buildCells, createCellList } from '../../src/core/als/cells.js';
import type { Hyper } from '../../src/core/als/kernels.js';
import { startFilms } from '../../src/core/als/start.js';
import { type Side, type Workspace, createWorkspace } from '../../src/core/als/workspace.js';
import { below, randomOf } from '../../src/core/random/random.js';

export const HYPER: Hyper = { k: 6, alpha0: 0.3, lambda: 0.02, nu: 1 };

/** A list of [row, column, signed weight in millionths]. */
export function listOf(cells: readonly (readonly [number, number, number])[]): CellList {
  const list = createCellList(cells.length);
  cells.forEach(([row, column, weight], n) => {
    list.row[n] = row;
    list.column[n] = column;
    list.weightMicro[n] = weight;
  });
  list.count = cells.length;
  return list;
}

/** A seeded problem in which about `density` of the cells are observed and every fifth is a negative. */
export function randomProblem(
  viewers: number,
  films: number,
  { seed = 1, density = 0.3, hyper = HYPER }: { seed?: number; density?: number; hyper?: Hyper } = {},
): Workspace {
  const random = randomOf('test-problem', seed);
  const list = createCellList(viewers * films);
  for (let u = 0; u < viewers; u++) {
    for (let i = 0; i < films; i++) {
      if (random.next() / 2 ** 32 >= density) continue;
      list.row[list.count] = u;
      list.column[list.count] = i;
      const micro = 350_000 + below(random, 2_000_000);
      list.weightMicro[list.count++] = below(random, 5) === 0 ? -Math.min(micro, 1_000_000) : micro;
    }
  }
  const { arena, byRow, byColumn } = buildCells(viewers, films, list);
  const workspace = createWorkspace({ arena, byViewer: byRow, byFilm: byColumn }, hyper);
  const ids = Array.from({ length: films }, (_, i) => `film-${i}`);
  startFilms(workspace, ids, { seed, initSd: 0.1 });
  return workspace;
}

/** Rows of a side as k numbers each. */
export function rowsOf({ hyper, stride }: Workspace, { factors }: Side): number[][] {
  return Array.from({ length: factors.length / stride }, (_, r) =>
    Array.from(factors.subarray(r * stride, r * stride + hyper.k)),
  );
}

/** p and w of a cell, straight from the definition; null = unobserved. */
export function cellOf({ viewers }: Workspace, u: number, i: number): { p: number; w: number } | null {
  const { start, column, weightMicro } = viewers.cells;
  for (let c = start[u]!; c < start[u + 1]!; c++) {
    if (column[c] === i) return { p: weightMicro[c]! > 0 ? 1 : 0, w: Math.abs(weightMicro[c]!) / 1e6 };
  }
  return null;
}

/** A x = b by Gaussian elimination with partial pivoting: the oracle of the Cholesky solver. */
export function solveDense(a: number[][], b: number[]): number[] {
  const n = b.length;
  const m = a.map((row, i) => [...row, b[i]!]);
  for (let c = 0; c < n; c++) {
    const pivot = m.reduce(
      (best, row, r) => (r >= c && Math.abs(row[c]!) > Math.abs(m[best]![c]!) ? r : best),
      c,
    );
    [m[c], m[pivot]] = [m[pivot]!, m[c]!];
    for (let r = 0; r < n; r++) {
      if (r === c) continue;
      const factor = m[r]![c]! / m[c]![c]!;
      for (let j = c; j <= n; j++) m[r]![j]! -= factor * m[c]![j]!;
    }
  }
  return m.map((row, i) => row[n]! / row[i]!);
}
