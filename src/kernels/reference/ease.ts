import type { EaseKernel } from '../../core/ease/kernels.js';
import { SWEEP_WIDTH } from '../../core/ease/workspace.js';

/** The readable kernel: the meaning of the faster one, and the oracle of its tests. */
export const referenceEaseKernel: EaseKernel = {
  panels({ matrix, size, pivot, inverse, r, w }, from, to) {
    const first = pivot[0]!;
    for (let c = 8 * from; c < 8 * to; c++) {
      const isPivot = c >= first && c < first + SWEEP_WIDTH;
      // of the symmetric matrix the upper triangle is there
      const placeOf = (t: number) => (c > first ? (first + t) * size + c : c * size + first + t);
      const column = Array.from({ length: SWEEP_WIDTH }, (_, t) => (isPivot ? 0 : matrix[placeOf(t)]!));
      for (let t = 0; t < SWEEP_WIDTH; t++) {
        let sum = 0;
        for (let p = 0; p < SWEEP_WIDTH; p++) sum += inverse[t * SWEEP_WIDTH + p]! * column[p]!;
        r[c * SWEEP_WIDTH + t] = column[t]!;
        w[c * SWEEP_WIDTH + t] = sum;
        if (!isPivot) matrix[placeOf(t)] = sum;
      }
    }
  },
  update({ matrix, size, r, w }, from, to) {
    for (let i = 64 * from; i < 64 * to; i++) {
      for (let j = i; j < size; j++) {
        let sum = 0;
        for (let p = 0; p < SWEEP_WIDTH; p++) sum += r[i * SWEEP_WIDTH + p]! * w[j * SWEEP_WIDTH + p]!;
        matrix[i * size + j]! -= sum;
      }
    }
  },
};
