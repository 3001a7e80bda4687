import { dot } from '../../core/als/dense.js';
import type { AlsKernel } from '../../core/als/kernels.js';
import { createSystem, gramOfRows, solveRow } from '../../core/als/normal-equations.js';

/** The readable kernel in double precision: the meaning of every faster one, and the oracle of their tests. */
export function createReferenceKernel(k: number): AlsKernel {
  const system = createSystem(k);

  return {
    gram(factors, from, to, out) {
      gramOfRows(system, factors, from, to, out);
    },

    solveRows(step, from, to) {
      for (let row = from; row < to; row++) {
        solveRow(system, step, row);
        step.solved.set(system.x, row * k);
      }
    },

    lossRows({ cells, fixed, ridge, solved }, from, to) {
      let loss = 0;
      for (let row = from; row < to; row++) {
        for (let c = cells.start[row]!; c < cells.start[row + 1]!; c++) {
          const signed = cells.weightMicro[c]! / 1e6;
          const error = (signed > 0 ? 1 : 0) - dot(solved, row * k, fixed, cells.column[c]! * k, k);
          loss += Math.abs(signed) * error * error;
        }
        loss += ridge[row]! * dot(solved, row * k, solved, row * k, k);
      }
      return loss;
    },
  };
}
