import type { Cells } from './cells.js';
import { dot, solveFourFactorised } from './dense.js';
import type { Hyper } from './kernels.js';
import { createSystem, gramOfRows, solveRow } from './normal-equations.js';
import { ridgeOf } from './workspace.js';

/** A viewer's interactions with films of the model. Rows ascending; signed weights as in `Cells`. */
export interface ViewerHistory {
  filmRows: ArrayLike<number>;
  weightMicro: ArrayLike<number>;
}

/** Right-hand sides that solveFourFactorised takes. */
const SIDES = 4;

/** The exact viewer half-step of one published model. Holds scratch memory: one solver per thread. */
export interface ViewerSolver {
  /**
   * x_u = A_u⁻¹ b_u, k doubles, valid until the next call for the same slot: training's last step for the same history, in double
   * precision. No positive interaction gives zeros. A slot keeps one viewer's system.
   */
  solveViewer(history: ViewerHistory, slot?: number): Float64Array;
  /** y_i · x for film row i. */
  score(filmRow: number, x: Float64Array): number;
  /**
   * Contributions of science G.1 to some films, film by film, after solveViewer(history, slot): w_c (y_iᵀ A_u⁻¹ y_c) for each positive
   * cell c, 0 for the others; a film's add up to its score.
   */
  contributions(filmRows: readonly number[], history: ViewerHistory, slot?: number): Float64Array;
}

/**
 * `factors`: films × k, row-major, as published. `slots`: viewers whose systems are kept at once. Films past the first `films`
 * had no part in the training, and so have none in a viewer's half-step: they can be scored.
 */
export function createViewerSolver(
  factors: Float32Array,
  hyper: Hyper,
  { slots = 1, films = factors.length / hyper.k }: { slots?: number; films?: number } = {},
): ViewerSolver {
  const { k } = hyper;
  const fixed = Float64Array.from(factors);
  const systems = Array.from({ length: slots }, () => createSystem(k));
  const gram = new Float64Array(systems[0]!.a.length);
  gramOfRows(systems[0]!, fixed, k, 0, films, gram);
  for (let i = 0; i < gram.length; i++) gram[i]! *= hyper.alpha0;
  const ridge = new Float64Array(1);
  const sides = new Float64Array(k * SIDES);
  const towards = new Float64Array(k);

  return {
    solveViewer(history, slot = 0) {
      const cells = oneRow(history, films);
      ridge[0] = ridgeOf(sumMicro(history), films, hyper);
      const system = systems[slot]!;
      solveRow(system, { cells, fixed, pitch: k, gram, ridge }, 0);
      return system.x;
    },
    score: (filmRow, x) => dot(x, 0, fixed, filmRow * k, k),
    contributions(wanted, { filmRows, weightMicro }, slot = 0) {
      const { a, stride } = systems[slot]!;
      const cells = filmRows.length;
      const out = new Float64Array(wanted.length * cells);
      for (let first = 0; first < wanted.length; first += SIDES) {
        const now = Math.min(SIDES, wanted.length - first);
        for (let n = 0; n < now; n++) {
          for (let j = 0; j < k; j++) sides[j * SIDES + n] = fixed[wanted[first + n]! * k + j]!;
        }
        solveFourFactorised(a, stride, k, sides);
        for (let n = 0; n < now; n++) {
          for (let j = 0; j < k; j++) towards[j] = sides[j * SIDES + n]!;
          for (let c = 0; c < cells; c++) {
            const w = weightMicro[c]! / 1e6;
            if (w > 0) out[(first + n) * cells + c] = w * dot(towards, 0, fixed, filmRows[c]! * k, k);
          }
        }
      }
      return out;
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
