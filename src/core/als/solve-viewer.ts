import type { Cells } from './cells.js';
import { dot, solveFactorised } from './dense.js';
import type { Hyper } from './kernels.js';
import { createSystem, gramOfRows, solveRow } from './normal-equations.js';
import { ridgeOf } from './workspace.js';

/** A viewer's interactions with films of the model. Rows ascending; signed weights as in `Cells`. */
export interface ViewerHistory {
  filmRows: ArrayLike<number>;
  weightMicro: ArrayLike<number>;
}

/** The exact viewer half-step of one published model. Holds scratch memory: one solver per thread. */
export interface ViewerSolver {
  /**
   * x_u = A_u⁻¹ b_u, k doubles, valid until the next call: training's last step for the same history, in double precision.
   * No positive interaction gives zeros.
   */
  solveViewer(history: ViewerHistory): Float64Array;
  /** y_i · x for film row i. */
  score(filmRow: number, x: Float64Array): number;
  /**
   * Contributions of science G.1, after solveViewer(history): out[c] = w_c (y_iᵀ A_u⁻¹ y_c) for each positive cell, 0 for
   * the others; they add up to the score of film row i.
   */
  contributions(filmRow: number, history: ViewerHistory, out: Float64Array): void;
}

/** `factors`: films × k, row-major, as published. */
export function createViewerSolver(factors: Float32Array, hyper: Hyper): ViewerSolver {
  const { k } = hyper;
  const films = factors.length / k;
  const fixed = Float64Array.from(factors);
  const system = createSystem(k);
  const gram = new Float64Array(system.a.length);
  gramOfRows(system, fixed, k, 0, films, gram);
  for (let i = 0; i < gram.length; i++) gram[i]! *= hyper.alpha0;
  const ridge = new Float64Array(1);
  const towards = new Float64Array(k);

  return {
    solveViewer(history) {
      const cells = oneRow(history, films);
      ridge[0] = ridgeOf(sumMicro(history), films, hyper);
      solveRow(system, { cells, fixed, pitch: k, gram, ridge }, 0);
      return system.x;
    },
    score: (filmRow, x) => dot(x, 0, fixed, filmRow * k, k),
    contributions(filmRow, { filmRows, weightMicro }, out) {
      towards.set(fixed.subarray(filmRow * k, (filmRow + 1) * k));
      solveFactorised(system.a, system.stride, k, towards);
      for (let c = 0; c < filmRows.length; c++) {
        const w = weightMicro[c]! / 1e6;
        out[c] = w > 0 ? w * dot(towards, 0, fixed, filmRows[c]! * k, k) : 0;
      }
    },
  };
}

function oneRow({ filmRows, weightMicro }: ViewerHistory, films: number): Cells {
  return {
    rows: 1,
    columns: films,
    start: Int32Array.of(0, filmRows.length),
    column: Int32Array.from(filmRows),
    weightMicro: Int32Array.from(weightMicro),
  };
}

function sumMicro({ weightMicro }: ViewerHistory): number {
  let total = 0;
  for (let c = 0; c < weightMicro.length; c++) total += Math.abs(weightMicro[c]!);
  return total;
}
