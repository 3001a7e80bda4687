import { gather, positiveWeight, settleEmpty } from './cells';
import { addGram } from './gram';
import { at, muladd, mulsub, subtractOuter, sumLanes } from './tiles';
import { addScaled, dot } from './vectors';

/** Cells that are gathered at once. */
const PANEL: i32 = 64;

/** Bytes of scratch for one thread: A, b, the panel, its targets. */
export function exactScratch(stride: i32): usize {
  const bytes = (<usize>stride) << 2;
  return <usize>stride * bytes + bytes + <usize>PANEL * bytes + ((<usize>PANEL) << 2);
}

/**
 * Solves rows order[from … to) exactly by Cholesky: A = G + Σ w f fᵀ + λI, b = Σ_{p=1} w f + λ·prior (0 = no prior).
 * A row whose A is not positive definite becomes NaN. Returns the rows' part of the loss: at the solution
 *   Σ w(p − s)² + sᵀGs + λ‖s − prior‖² = Σ_{p=1} w + λ‖prior‖² − bᵀs.
 */
export function solveExact(
  order: usize,
  from: i32,
  to: i32,
  start: usize,
  column: usize,
  weight: usize,
  fixed: usize,
  solved: usize,
  prior: usize,
  gram: usize,
  ridge: usize,
  k: i32,
  stride: i32,
  scratch: usize,
): f64 {
  const bytes = (<usize>stride) << 2;
  const a = scratch;
  const b = a + <usize>stride * bytes;
  const panel = b + bytes;
  const targets = panel + <usize>PANEL * bytes;
  let loss: f64 = 0;
  for (let n = from; n < to; n++) {
    const row = load<i32>(at(order, n));
    const first = load<i32>(at(start, row));
    const end = load<i32>(at(start, row + 1));
    const x = solved + <usize>row * bytes;
    const towards = prior == 0 ? <usize>0 : prior + <usize>row * bytes;
    if (first == end) {
      loss += settleEmpty(x, towards, gram, stride);
      continue;
    }
    const lambda = <f32>load<f64>(ridge + ((<usize>row) << 3));
    memory.copy(a, gram, <usize>stride * bytes);
    addDiagonal(a, k, stride, lambda);
    memory.fill(b, 0, bytes);
    for (let c = first; c < end; c += PANEL) {
      const rows = gather(panel, targets, column, weight, c, min(c + PANEL, end), fixed, bytes);
      addTargets(panel, targets, rows, bytes, b);
      addGram(panel, rows, stride, a);
    }
    if (towards != 0) {
      addScaled(towards, bytes, lambda, b);
      loss += <f64>lambda * <f64>dot(towards, towards, bytes);
    }
    memory.copy(x, b, bytes);
    if (factorise(a, stride)) solveFactorised(a, stride, x);
    else fillNaN(x, stride);
    loss += positiveWeight(weight, first, end) - <f64>dot(b, x, bytes);
  }
  return loss;
}

/** Columns past k have nothing but a unit diagonal, and so the solution 0. */
function addDiagonal(a: usize, k: i32, stride: i32, lambda: f32): void {
  for (let j = 0; j < stride; j++) {
    const cell = at(a, j * stride + j);
    store<f32>(cell, j < k ? load<f32>(cell) + lambda : <f32>1);
  }
}

function fillNaN(x: usize, stride: i32): void {
  for (let j = 0; j < stride; j += 4) v128.store(at(x, j), f32x4.splat(NaN));
}

/** b += Σ t z */
function addTargets(panel: usize, targets: usize, rows: i32, bytes: usize, b: usize): void {
  for (let o: usize = 0; o < bytes; o += 32) {
    let s0 = v128.load(b + o);
    let s1 = v128.load(b + o, 16);
    let z = panel + o;
    for (let r = 0; r < rows; r++) {
      const t = v128.load32_splat(at(targets, r));
      s0 = muladd(s0, t, v128.load(z));
      s1 = muladd(s1, t, v128.load(z, 16));
      z += bytes;
    }
    v128.store(b + o, s0);
    v128.store(b + o, s1, 16);
  }
}

/** A = UᵀU in place on the upper triangle, four rows at a time; false when a pivot is not positive. */
export function factorise(a: usize, stride: i32): bool {
  const bytes = (<usize>stride) << 2;
  for (let i = 0; i < stride; i += 4) {
    if (i > 0) for (let j = i & ~7; j < stride; j += 8) subtractOuter(a, i, bytes, i, j, a, bytes);
    for (let r = i; r < i + 4; r++) {
      const row = a + <usize>r * bytes;
      for (let q = i; q < r; q++) {
        const above = a + <usize>q * bytes;
        const s = v128.load32_splat(at(above, r));
        for (let j = r & ~3; j < stride; j += 4) {
          v128.store(at(row, j), mulsub(v128.load(at(row, j)), s, v128.load(at(above, j))));
        }
      }
      const pivot = load<f32>(at(row, r));
      if (!(pivot > 0)) return false;
      const s = f32x4.splat(<f32>1 / sqrt<f32>(pivot));
      for (let j = r & ~3; j < stride; j += 4)
        v128.store(at(row, j), v128.mul<f32>(s, v128.load(at(row, j))));
    }
  }
  return true;
}

/** x ← (UᵀU)⁻¹ x. Lanes of a vector that reach back over the diagonal are done one by one. */
export function solveFactorised(u: usize, stride: i32, x: usize): void {
  const bytes = (<usize>stride) << 2;
  for (let p = 0; p < stride; p++) {
    const row = u + <usize>p * bytes;
    const z = load<f32>(at(x, p)) / load<f32>(at(row, p));
    store<f32>(at(x, p), z);
    let j = p + 1;
    for (; j < stride && (j & 3) != 0; j++) {
      store<f32>(at(x, j), load<f32>(at(x, j)) - z * load<f32>(at(row, j)));
    }
    const s = f32x4.splat(z);
    for (; j < stride; j += 4) v128.store(at(x, j), mulsub(v128.load(at(x, j)), s, v128.load(at(row, j))));
  }
  for (let p = stride - 1; p >= 0; p--) {
    const row = u + <usize>p * bytes;
    let s = load<f32>(at(x, p));
    let j = p + 1;
    for (; j < stride && (j & 3) != 0; j++) s -= load<f32>(at(x, j)) * load<f32>(at(row, j));
    let sums = f32x4.splat(0);
    for (; j < stride; j += 4) sums = muladd(sums, v128.load(at(x, j)), v128.load(at(row, j)));
    store<f32>(at(x, p), (s - sumLanes(sums)) / load<f32>(at(row, p)));
  }
}
