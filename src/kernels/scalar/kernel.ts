import { dot, factorise, solveFactorised } from '../../core/als/dense.js';
import { type AlsKernel, CG_STEPS, strideOf } from '../../core/als/kernels.js';
import { type Equations, assemble, createSystem, gramOfRows } from '../../core/als/normal-equations.js';

/**
 * The kernel without SIMD, in double precision, on the tiles of core/als/dense.ts, which also solve a viewer for scoring:
 * these are checked here against the others.
 */
export function createScalarKernel(k: number): AlsKernel {
  const system = createSystem(k);
  const { x, a } = system;
  const tiles = system.stride;
  const stride = strideOf(k);
  const square = new Float64Array(a.length);
  const b = new Float64Array(k);
  const ax = new Float64Array(k);
  const r = new Float64Array(k);
  const z = new Float64Array(k);
  const v = new Float64Array(k);

  /** out = A x; only the lower triangle of A is there. */
  const times = (from: Float64Array, out: Float64Array) => {
    for (let i = 0; i < k; i++) {
      let sum = dot(a, i * tiles, from, 0, i + 1);
      for (let j = i + 1; j < k; j++) sum += a[j * tiles + i]! * from[j]!;
      out[i] = sum;
    }
  };

  /** z = (G + λ)⁻¹ r on the diagonal; returns r·z. */
  const precondition = (lambda: number) => {
    for (let i = 0; i < k; i++) z[i] = r[i]! / (square[i * tiles + i]! + lambda);
    return dot(r, 0, z, 0, k);
  };

  const gradients = (lambda: number) => {
    times(x, ax);
    for (let i = 0; i < k; i++) r[i] = b[i]! - ax[i]!;
    let rz = precondition(lambda);
    v.set(z);
    for (let step = 0; step < CG_STEPS && rz !== 0; step++) {
      times(v, ax);
      const alpha = rz / dot(v, 0, ax, 0, k);
      for (let i = 0; i < k; i++) {
        x[i]! += alpha * v[i]!;
        r[i]! -= alpha * ax[i]!;
      }
      const next = precondition(lambda);
      for (let i = 0; i < k; i++) v[i] = z[i]! + (next / rz) * v[i]!;
      rz = next;
    }
  };

  return {
    gram(factors, from, to, out) {
      gramOfRows(system, factors, stride, from, to, square);
      for (let i = 0; i < k; i++) for (let j = 0; j <= i; j++) out[j * stride + i] = square[i * tiles + j]!;
    },

    turn(factors, from, to, basis) {
      for (let r = from; r < to; r++) {
        const row = Float64Array.from(factors.subarray(r * stride, (r + 1) * stride));
        for (let j = 0; j < stride; j++) {
          let sum = 0;
          for (let p = 0; p < stride; p++) sum += row[p]! * basis[p * stride + j]!;
          factors[r * stride + j] = sum;
        }
      }
    },

    solveRows({ cells, order, fixed, gram, ridge, prior, solved }, solver, from, to) {
      square.fill(0);
      for (let i = 0; i < k; i++) square.set(gram.subarray(i * stride, i * stride + i + 1), i * tiles);
      const equations: Equations = { cells, fixed, pitch: stride, gram: square, ridge };
      let loss = 0;
      for (const row of order.subarray(from, to)) {
        const at = row * stride;
        const towards = prior?.subarray(at, at + k);
        assemble(system, equations, row);
        for (let j = 0; j < k; j++) b[j] = x[j]! + ridge[row]! * (towards?.[j] ?? 0);
        if (cells.start[row] === cells.start[row + 1]) x.set(towards ?? new Float64Array(k));
        else if (solver === 'cg') x.set(solved.subarray(at, at + k));
        else x.set(b);
        if (solver === 'cg' && cells.start[row] !== cells.start[row + 1]) gradients(ridge[row]!);
        times(x, ax);
        if (solver === 'exact' && cells.start[row] !== cells.start[row + 1]) {
          factorise(a, tiles);
          solveFactorised(a, tiles, k, x);
          ax.set(b); // A x = b
        }
        solved.fill(0, at, at + stride);
        solved.set(x, at);
        loss += dot(x, 0, ax, 0, k) - 2 * dot(b, 0, x, 0, k);
        if (towards !== undefined) loss += ridge[row]! * dot(towards, 0, towards, 0, k);
        for (let c = cells.start[row]!; c < cells.start[row + 1]!; c++) {
          loss += Math.max(0, cells.weightMicro[c]!) / 1e6;
        }
      }
      return loss;
    },
  };
}
