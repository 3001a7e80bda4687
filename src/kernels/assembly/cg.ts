// Conjugate gradients for A x = b without ever forming A = G + Σ w f fᵀ + λI (Takács, Pilászy & Tikk 2011), for rows in
// batches: G times a batch's vectors is a small matrix product. How a batch visits its cells depends on its rows' length:
// panel.ts gathers short rows once for all steps, sweep.ts takes long rows through the fixed factors side by side.
import { positiveWeight, settleEmpty } from './cells';
import { PANEL_ROWS, panelBatch, panelGather, panelPass, panelScratch } from './panel';
import { SWEEP_ROWS, isLong, sweepPass, sweepScratch } from './sweep';
import { at, product } from './tiles';
import { addScaled, dot, scaleAndAdd } from './vectors';

/** Columns of a register tile: so many vectors are multiplied by G at once. */
const WIDTH: i32 = 8;
/** A residual (squared) below which a row is solved. */
const SOLVED: f32 = 1e-24;

// What a pass over the cells of a batch does for each row, given v:
/** out += Σ (t − w f·v) f, and sums += Σ t f·v: the residual at the start, and bᵀv. */
export const RESIDUAL: i32 = 0;
/** out += Σ w (f·v) f */
export const PRODUCT: i32 = 1;
/** sums += Σ w (f·v)²: all that the last step asks of the cells. */
export const SQUARE: i32 = 2;

/** Bytes of scratch for one thread. */
export function cgScratch(stride: i32): usize {
  const bytes = (<usize>stride) << 2;
  const vectors = 4 * (<usize>SWEEP_ROWS * bytes) + 2 * (<usize>WIDTH * bytes);
  return vectors + ((<usize>SWEEP_ROWS) << 4) + max(panelScratch(stride), sweepScratch(stride));
}

/**
 * `steps` steps for rows order[from … to) from what `solved` holds; b = Σ_{p=1} w f + λ·prior (0 = no prior). Returns the
 * rows' part of the loss, Σ w(p − x·f)² + xᵀGx + λ‖x − prior‖², which falls by α·r·r in each step:
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
  const x = scratch;
  const r = x + block;
  const v = r + block; // direction
  const av = v + block; // A times it
  const turned = av + block;
  const lambdas = turned + 2 * (<usize>WIDTH * bytes);
  const squares = at(lambdas, SWEEP_ROWS); // r·r
  const sums = at(squares, SWEEP_ROWS);
  const own = at(sums, 2 * SWEEP_ROWS); // of panel.ts or sweep.ts
  let loss: f64 = 0;

  let n = from;
  while (n < to) {
    const rows = at(order, n);
    const long = isLong(rows, start);
    const batch = long ? sweepBatch(rows, to - n, start) : panelBatch(rows, min(to - n, PANEL_ROWS), start);
    for (let j = 0; j < batch; j++) {
      const row = <usize>load<i32>(at(rows, j));
      store<f32>(at(lambdas, j), <f32>load<f64>(ridge + (row << 3)));
      memory.copy(x + <usize>j * bytes, solved + row * bytes, bytes);
    }
    if (!long) panelGather(rows, batch, start, column, weight, fixed, bytes, own);

    for (let step = -1; step < steps; step++) {
      const isLast = step == steps - 1;
      const pass = step < 0 ? RESIDUAL : isLast ? SQUARE : PRODUCT;
      const by = step < 0 ? x : v;
      const out = step < 0 ? r : av;
      for (let j = 0; j < batch; j += WIDTH) {
        const first = <usize>j * bytes;
        timesGram(gram, stride, by + first, min(WIDTH, batch - j), at(lambdas, j), turned, out + first);
      }
      if (step < 0) negate(r, <usize>batch * bytes);
      memory.fill(sums, 0, (<usize>batch) << 2);
      if (long) sweepPass(pass, rows, batch, start, column, weight, fixed, bytes, by, out, sums, own);
      else panelPass(pass, rows, batch, start, bytes, by, out, sums, own);

      for (let j = 0; j < batch; j++) {
        const row = load<i32>(at(rows, j));
        if (load<i32>(at(start, row)) == load<i32>(at(start, row + 1))) continue;
        const o = <usize>j * bytes;
        const sum = load<f32>(at(sums, j));
        if (step < 0) {
          const towards = prior == 0 ? <usize>0 : prior + <usize>row * bytes;
          loss += startLoss(x + o, r + o, bytes, sum, towards, load<f32>(at(lambdas, j)));
          loss += positiveWeight(weight, load<i32>(at(start, row)), load<i32>(at(start, row + 1)));
          memory.copy(v + o, r + o, bytes);
          store<f32>(at(squares, j), dot(r + o, r + o, bytes));
          continue;
        }
        const rr = load<f32>(at(squares, j));
        if (rr <= SOLVED) continue; // not so for NaN, which must reach the loss
        const alpha = rr / (dot(v + o, av + o, bytes) + sum);
        loss -= <f64>alpha * <f64>rr;
        addScaled(v + o, bytes, alpha, x + o);
        if (isLast) continue;
        addScaled(av + o, bytes, -alpha, r + o);
        const next = dot(r + o, r + o, bytes);
        scaleAndAdd(v + o, bytes, next / rr, r + o);
        store<f32>(at(squares, j), next);
      }
    }

    for (let j = 0; j < batch; j++) {
      const row = load<i32>(at(rows, j));
      const out = solved + <usize>row * bytes;
      if (load<i32>(at(start, row)) == load<i32>(at(start, row + 1))) {
        loss += settleEmpty(out, prior == 0 ? <usize>0 : prior + <usize>row * bytes, gram, stride);
      } else {
        memory.copy(out, x + <usize>j * bytes, bytes);
      }
    }
    n += batch;
  }
  return loss;
}

/** How many of the next rows are long, up to a full batch. */
function sweepBatch(rows: usize, count: i32, start: usize): i32 {
  const most = min(count, SWEEP_ROWS);
  let batch = 1;
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

function negate(row: usize, bytes: usize): void {
  for (let o: usize = 0; o < bytes; o += 16) v128.store(row + o, v128.neg<f32>(v128.load(row + o)));
}

/** out_j = G v_j + λ_j v_j for up to WIDTH vectors; lanes that are not used are zero. */
function timesGram(
  gram: usize,
  stride: i32,
  v: usize,
  batch: i32,
  lambdas: usize,
  turned: usize,
  out: usize,
): void {
  const bytes = (<usize>stride) << 2;
  const products = turned + <usize>WIDTH * bytes;
  if (batch < WIDTH) memory.fill(turned, 0, <usize>WIDTH * bytes);
  for (let j = 0; j < batch; j++) {
    const from = v + <usize>j * bytes;
    const to = at(turned, j);
    for (let p = 0; p < stride; p++) store<f32>(to + ((<usize>p) << 5), load<f32>(at(from, p)));
  }
  for (let i = 0; i < stride; i += 4) {
    product(at(gram, i), bytes, turned, stride, products + ((<usize>i) << 5), 32);
  }
  for (let j = 0; j < batch; j++) {
    const from = at(products, j);
    const vj = v + <usize>j * bytes;
    const to = out + <usize>j * bytes;
    const lambda = load<f32>(at(lambdas, j));
    for (let p = 0; p < stride; p++) {
      store<f32>(at(to, p), load<f32>(from + ((<usize>p) << 5)) + lambda * load<f32>(at(vj, p)));
    }
  }
}
