import { createViewerSolver } from '../als/solve-viewer.js';
import type { AlsModel, Taste } from './model.js';

/** x_u is the viewer's exact half-step on the films' factors. New films have none but what facts say, and no part in x_u. */
export function openFactors(model: AlsModel, newPerTwenty: number): Taste {
  const { hyper } = model;
  const { factors, filmIds } = listable(model, newPerTwenty);
  return {
    filmIds,
    source: { kind: 'factors', films: factors, k: hyper.k },
    reader(slots = 1) {
      const solver = createViewerSolver(factors, hyper, { slots, films: model.filmIds.length });
      return {
        read: (history, slot) => solver.solveViewer(history, slot),
        contributions: (rows, history, slot) => solver.contributions(rows, history, slot),
      };
    },
  };
}

function listable(
  { factors, filmIds, cold, hyper: { k } }: AlsModel,
  newPerTwenty: number,
): Pick<AlsModel, 'factors' | 'filmIds'> {
  const fresh = (cold?.films ?? []).flatMap(({ isNew }, row) => (isNew ? [row] : []));
  if (cold === undefined || newPerTwenty === 0 || fresh.length === 0) return { factors, filmIds };
  const all = new Float32Array(factors.length + fresh.length * k);
  all.set(factors);
  fresh.forEach((row, n) => all.set(cold.factors.subarray(row * k, (row + 1) * k), factors.length + n * k));
  return { factors: all, filmIds: [...filmIds, ...fresh.map((row) => cold.films[row]!.filmId)] };
}
