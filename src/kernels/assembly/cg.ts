// Preconditioned conjugate gradients for A x = b without ever forming A = D + Σ w f fᵀ + λI (Takács, Pilászy & Tikk 2011), in
// a basis in which the Gram matrix G is a diagonal D (core/als/train.ts). There all but the cells' part of A is a diagonal,
// too, and is the preconditioner: M = D + λI. Short rows are solved one after the other, so that the factors of their cells
// stay in the first-level cache for all steps; long ones side by side (sweep.ts).
import { positiveWeight, settleEmpty } from './cells';
import { PRODUCT, RESIDUAL, SQUARE, pass } from './pass';
import { SWEEP_ROWS, isLong, sweep } from './sweep';
import { at } from './tiles';
import { touchCells, touchRow } from './touch';
import { addScaled, dot, scaleAndAdd } from './vectors';

/** r·M⁻¹r below which a row is solved: the loss falls by no more than that. */
const SOLVED: f32 = 1e-24;

/** Bytes of scratch for one thread. */
export function cgScratch(stride: i32): usize {
  const bytes = (<usize>stride) << 2;
  return 2 * bytes + 4 * (<usize>SWEEP_ROWS * bytes) + ((<usize>(4 * SWEEP_ROWS + 1)) << 2);
}

/**
 * `steps` steps for rows order[from … to) from what `solved` holds; b = Σ_{p=1} w f + λ·prior (0 = no prior); of `gram` only
 * the diagonal is read. Returns the rows' part of the loss, Σ w(p − x·f)² + xᵀDx + λ‖x − prior‖², which falls by α·rᵀM⁻¹r
 * in each step:
 *   at the start  Σ_{p=1} w + λ‖prior‖² − bᵀx − xᵀr,   r = b − A x.
 */
export function solveCg(
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
  stride: i32,
  steps: i32,
  scratch: usize,
): f64 {
  const bytes = (<usize>stride) << 2;
  const block = <usize>SWEEP_ROWS * bytes;
  const diagonal = scratch;
  const zeros = diagonal + bytes;
  const copies = zeros + bytes; // of x
  const r = copies + block;
  const v = r + block; // direction
  const av = v + block; // A times it, and later M⁻¹r
  const lambdas = av + block;
  const squares = at(lambdas, SWEEP_ROWS); // rᵀM⁻¹r
  const sums = at(squares, SWEEP_ROWS);
  const next = at(sums, SWEEP_ROWS); // of sweep.ts
  const seen = at(next, SWEEP_ROWS); // of touch.ts
  for (let i = 0; i < stride; i++) store<f32>(at(diagonal, i), load<f32>(at(gram, i * stride + i)));
  memory.fill(zeros, 0, bytes);
  let loss: f64 = 0;

  let n = from;
  while (n < to) {
    const rows = at(order, n);
    const batch = batchOf(rows, to - n, start);
    n += batch;
    const isShort = !isLong(rows, start);
    const row = load<i32>(rows);
    const first = load<i32>(at(start, row));
    const end = load<i32>(at(start, row + 1));
    let x = copies;
    if (isShort) {
      x = solved + <usize>row * bytes;
      if (first == end) {
        loss += settleEmpty(x, prior == 0 ? <usize>0 : prior + <usize>row * bytes, gram, stride);
        continue;
      }
      touchCells(first, end, column, fixed, bytes, seen);
      if (n < to) touchRow(load<i32>(at(rows, 1)), start, column, weight, ridge, solved, bytes, seen);
    }
    for (let j = 0; j < batch; j++) {
      const row = <usize>load<i32>(at(rows, j));
      store<f32>(at(lambdas, j), <f32>load<f64>(ridge + (row << 3)));
      if (!isShort) memory.copy(x + <usize>j * bytes, solved + row * bytes, bytes);
    }

    for (let step = -1; step < steps; step++) {
      const isLast = step == steps - 1;
      const kind = step < 0 ? RESIDUAL : isLast ? SQUARE : PRODUCT;
      const by = step < 0 ? x : v;
      const out = step < 0 ? r : av;
      for (let j = 0; j < batch; j++) {
        const o = <usize>j * bytes;
        store<f32>(at(sums, j), 0);
        timesDiagonal(diagonal, load<f32>(at(lambdas, j)), step < 0 ? -1 : 1, by + o, bytes, out + o);
      }
      if (isShort) {
        pass(kind, first, end, i32.MAX_VALUE, column, weight, fixed, bytes, by, out, sums, zeros);
      } else {
        sweep(kind, rows, batch, start, column, weight, fixed, bytes, by, out, sums, next, zeros, seen);
      }

      for (let j = 0; j < batch; j++) {
        const row = load<i32>(at(rows, j));
        const o = <usize>j * bytes;
        const lambda = load<f32>(at(lambdas, j));
        const sum = load<f32>(at(sums, j));
        if (step < 0) {
          const towards = prior == 0 ? <usize>0 : prior + <usize>row * bytes;
          loss += startLoss(x + o, r + o, bytes, sum, towards, lambda);
          loss += positiveWeight(weight, load<i32>(at(start, row)), load<i32>(at(start, row + 1)));
          overDiagonal(diagonal, lambda, r + o, bytes, v + o);
          store<f32>(at(squares, j), dot(r + o, v + o, bytes));
          continue;
        }
        const square = load<f32>(at(squares, j));
        if (square <= SOLVED) continue; // not so for NaN, which must reach the loss
        const alpha = square / (dot(v + o, av + o, bytes) + sum);
        loss -= <f64>alpha * <f64>square;
        addScaled(v + o, bytes, alpha, x + o);
        if (isLast) continue;
        addScaled(av + o, bytes, -alpha, r + o);
        overDiagonal(diagonal, lambda, r + o, bytes, av + o);
        const left = dot(r + o, av + o, bytes);
        scaleAndAdd(v + o, bytes, left / square, av + o);
        store<f32>(at(squares, j), left);
      }
    }

    if (isShort) continue;
    for (let j = 0; j < batch; j++) {
      memory.copy(solved + <usize>load<i32>(at(rows, j)) * bytes, x + <usize>j * bytes, bytes);
    }
  }
  return loss;
}

/** How many of the next rows are solved side by side: long ones, up to SWEEP_ROWS, or a short one alone. */
function batchOf(rows: usize, count: i32, start: usize): i32 {
  let batch = 1;
  if (!isLong(rows, start)) return batch;
  const most = min(count, SWEEP_ROWS);
  while (batch < most && isLong(at(rows, batch), start)) batch++;
  return batch;
}

/** r = (what r holds) + λ·prior, and λ‖prior‖² − bᵀx − xᵀr, where bx = Σ_{p=1} w f·x. */
function startLoss(x: usize, r: usize, bytes: usize, bx: f32, prior: usize, lambda: f32): f64 {
  if (prior == 0) return -(<f64>bx) - <f64>dot(x, r, bytes);
  addScaled(prior, bytes, lambda, r);
  const own = <f64>lambda * (<f64>dot(prior, prior, bytes) - <f64>dot(prior, x, bytes));
  return own - <f64>bx - <f64>dot(x, r, bytes);
}

/** out = ±(D + λ) v */
function timesDiagonal(diagonal: usize, lambda: f32, sign: f32, v: usize, bytes: usize, out: usize): void {
  const s = f32x4.splat(lambda);
  const u = f32x4.splat(sign);
  for (let o: usize = 0; o < bytes; o += 16) {
    const m = v128.mul<f32>(u, v128.add<f32>(v128.load(diagonal + o), s));
    v128.store(out + o, v128.mul<f32>(m, v128.load(v + o)));
  }
}

/** out = (D + λ)⁻¹ r; zero where there is neither (past k, where r is zero, too). */
function overDiagonal(diagonal: usize, lambda: f32, r: usize, bytes: usize, out: usize): void {
  const s = f32x4.splat(lambda);
  for (let o: usize = 0; o < bytes; o += 16) {
    const m = v128.max<f32>(v128.add<f32>(v128.load(diagonal + o), s), f32x4.splat(1e-30));
    v128.store(out + o, v128.div<f32>(v128.load(r + o), m));
  }
}
