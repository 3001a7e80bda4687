import { type AlsKernel, CG_STEPS, type HalfStep, strideOf } from '../../core/als/kernels.js';

/** One row's equations, and what its loss needs besides. */
interface Row {
  a: number[][];
  b: number[];
  /** The diagonal of G + λI. */
  diagonal: number[];
  /** Σ_{p=1} w + λ‖prior‖² */
  constant: number;
}

/** The readable kernel, in double precision: the meaning of every faster one, and the oracle of their tests. */
export function createReferenceKernel(k: number): AlsKernel {
  const stride = strideOf(k);
  return {
    gram(factors, from, to, out) {
      for (let i = 0; i < stride; i++) {
        for (let j = 0; j < stride; j++) {
          let sum = 0;
          for (let r = from; r < to; r++) sum += factors[r * stride + i]! * factors[r * stride + j]!;
          out[i * stride + j] = sum;
        }
      }
    },

    turn(factors, from, to, basis) {
      for (let r = from; r < to; r++) {
        const row = Array.from(factors.subarray(r * stride, (r + 1) * stride));
        for (let j = 0; j < stride; j++) {
          factors[r * stride + j] = row.reduce((sum, value, p) => sum + value * basis[p * stride + j]!, 0);
        }
      }
    },

    solveRows(step, solver, from, to) {
      let loss = 0;
      for (const row of step.order.subarray(from, to)) {
        const equations = equationsOf(step, row, k, stride);
        const at = row * stride;
        const isEmpty = step.cells.start[row] === step.cells.start[row + 1];
        const start = Array.from(step.solved.subarray(at, at + k));
        let solution: number[];
        if (isEmpty) solution = Array.from({ length: k }, (_, j) => step.prior?.[at + j] ?? 0);
        else if (solver === 'exact') solution = solveByCholesky(equations);
        else solution = solveByGradients(equations, start);
        step.solved.fill(0, at, at + stride);
        step.solved.set(solution, at);
        loss += lossOf(equations, solution);
      }
      return loss;
    },
  };
}

function equationsOf(step: HalfStep, row: number, k: number, stride: number): Row {
  const { cells, fixed, gram, ridge, prior } = step;
  const lambda = ridge[row]!;
  const towards = Array.from({ length: k }, (_, j) => prior?.[row * stride + j] ?? 0);
  const a = towards.map((_, i) => Array.from({ length: k }, (_, j) => gram[i * stride + j]!));
  const b = towards.map((p) => lambda * p);
  let constant = lambda * product(towards, towards);
  for (let i = 0; i < k; i++) a[i]![i]! += lambda;
  const diagonal = a.map((values, i) => values[i]!);
  for (let c = cells.start[row]!; c < cells.start[row + 1]!; c++) {
    const from = cells.column[c]! * stride;
    const f = Array.from(fixed.subarray(from, from + k));
    const signed = cells.weightMicro[c]! / 1e6;
    const w = Math.abs(signed);
    for (let i = 0; i < k; i++) {
      for (let j = 0; j < k; j++) a[i]![j]! += w * f[i]! * f[j]!;
      if (signed > 0) b[i]! += w * f[i]!;
    }
    if (signed > 0) constant += w;
  }
  return { a, b, diagonal, constant };
}

/** A = L Lᵀ, L z = b, Lᵀ x = z. A that is not positive definite gives NaN. */
function solveByCholesky({ a, b }: Row): number[] {
  const l = a.map((row) => [...row]);
  const x = [...b];
  for (let j = 0; j < b.length; j++) {
    for (let p = 0; p < j; p++) l[j]![j]! -= l[j]![p]! ** 2;
    l[j]![j] = Math.sqrt(l[j]![j]!);
    for (let i = j + 1; i < b.length; i++) {
      for (let p = 0; p < j; p++) l[i]![j]! -= l[i]![p]! * l[j]![p]!;
      l[i]![j]! /= l[j]![j]!;
    }
  }
  for (let i = 0; i < b.length; i++) {
    for (let p = 0; p < i; p++) x[i]! -= l[i]![p]! * x[p]!;
    x[i]! /= l[i]![i]!;
  }
  for (let i = b.length - 1; i >= 0; i--) {
    for (let p = i + 1; p < b.length; p++) x[i]! -= l[p]![i]! * x[p]!;
    x[i]! /= l[i]![i]!;
  }
  return x;
}

/** Conjugate gradients with a diagonal preconditioner (Golub & Van Loan 2013, 11.5), CG_STEPS steps from `start`. */
function solveByGradients({ a, b, diagonal }: Row, start: number[]): number[] {
  const x = [...start];
  const r = times(a, x).map((ax, i) => b[i]! - ax);
  let z = r.map((value, i) => value / diagonal[i]!);
  let direction = [...z];
  let rz = product(r, z);
  for (let step = 0; step < CG_STEPS && rz !== 0; step++) {
    const ad = times(a, direction);
    const alpha = rz / product(direction, ad);
    for (let i = 0; i < x.length; i++) {
      x[i]! += alpha * direction[i]!;
      r[i]! -= alpha * ad[i]!;
    }
    z = r.map((value, i) => value / diagonal[i]!);
    const next = product(r, z);
    direction = direction.map((d, i) => z[i]! + (next / rz) * d);
    rz = next;
  }
  return x;
}

/** Σ w(p − s)² + sᵀGs + λ‖s − prior‖², which is xᵀAx − 2bᵀx and what does not depend on x. */
function lossOf({ a, b, constant }: Row, x: number[]): number {
  return product(x, times(a, x)) - 2 * product(b, x) + constant;
}

function times(a: number[][], x: number[]): number[] {
  return a.map((row) => product(row, x));
}

function product(a: number[], b: number[]): number {
  return a.reduce((sum, value, i) => sum + value * b[i]!, 0);
}
