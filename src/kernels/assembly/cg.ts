// Conjugate gradients for A x = b without ever forming A = G + Σ w f fᵀ + λI (Takács, Pilászy & Tikk 2011), for rows in
// batches: G·P of a batch is one small matrix product, and the cells' panel is gathered once for all steps.
import { gather, positiveWeight, settleEmpty } from './cells';
import { at, product, sumLanes } from './tiles';
import { addFour, addScaled, dot, dotFour, scaleAndAdd } from './vectors';

/** Rows of a batch: the width of a register tile. */
const BATCH: i32 = 8;
/** Cells of a batch of more than one row: what the second-level cache holds beside the rest. */
const BATCH_CELLS: i32 = 1024;
/** Cells that are kept gathered; a longer row gathers again in every step. */
const PANEL: i32 = 4096;
/** A residual (squared) below which a row is solved. */
const SOLVED: f32 = 1e-24;

/** Bytes of scratch for one thread. */
export function cgScratch(stride: i32): usize {
  const bytes = (<usize>stride) << 2;
  return 128 + 6 * (<usize>BATCH * bytes) + <usize>PANEL * bytes + ((<usize>PANEL) << 2);
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
  const block = <usize>BATCH * bytes;
  const lambdas = scratch; // of the batch
  const squares = lambdas + 32; // r·r
  const offsets = squares + 32; // first panel row of each
  const turned = scratch + 128; // the batch's vectors, transposed
  const products = turned + block; // G times them, transposed
  const x = products + block;
  const r = x + block;
  const v = r + block; // direction
  const av = v + block; // A times it
  const panel = av + block;
  const targets = panel + <usize>PANEL * bytes;
  let loss: f64 = 0;

  let n = from;
  while (n < to) {
    let batch = 0;
    let cells = 0;
    while (n + batch < to && batch < BATCH) {
      const row = load<i32>(at(order, n + batch));
      const count = load<i32>(at(start, row + 1)) - load<i32>(at(start, row));
      const padded = (count + 3) & ~3;
      if (batch > 0 && cells + padded > BATCH_CELLS) break;
      store<i32>(at(offsets, batch), cells);
      store<f32>(at(lambdas, batch), <f32>load<f64>(ridge + ((<usize>row) << 3)));
      memory.copy(x + <usize>batch * bytes, solved + <usize>row * bytes, bytes);
      cells += padded;
      batch++;
    }
    const isHuge = cells > PANEL; // then it is alone

    for (let step = -1; step < steps; step++) {
      const isFirst = step < 0;
      const isLast = step == steps - 1;
      const by = isFirst ? x : v;
      const out = isFirst ? r : av;
      timesGram(gram, stride, by, batch, lambdas, turned, products, out);
      for (let j = 0; j < batch; j++) {
        const row = load<i32>(at(order, n + j));
        const first = load<i32>(at(start, row));
        const end = load<i32>(at(start, row + 1));
        if (first == end) continue;
        const byJ = by + <usize>j * bytes;
        const outJ = out + <usize>j * bytes;
        const own = load<i32>(at(offsets, j));
        const z = panel + <usize>own * bytes;
        const t = at(targets, own);
        if (isFirst) {
          negate(outJ, bytes);
          let bx = f32x4.splat(0); // Σ t (z·x)
          for (let c = first; c < end; c += PANEL) {
            const rows = gather(z, t, column, weight, c, min(c + PANEL, end), fixed, bytes);
            for (let q = 0; q < rows; q += 4) {
              const zq = z + <usize>q * bytes;
              const d = dotFour(zq, byJ, bytes);
              const tq = v128.load(at(t, q));
              bx = v128.add<f32>(bx, v128.mul<f32>(tq, d));
              addFour(zq, bytes, v128.sub<f32>(tq, d), outJ);
            }
          }
          const towards = prior == 0 ? <usize>0 : prior + <usize>row * bytes;
          loss += startLoss(byJ, outJ, bytes, sumLanes(bx), towards, load<f32>(at(lambdas, j)));
          loss += positiveWeight(weight, first, end);
          memory.copy(v + <usize>j * bytes, outJ, bytes);
          store<f32>(at(squares, j), dot(outJ, outJ, bytes));
        } else {
          const rr = load<f32>(at(squares, j));
          if (rr <= SOLVED) continue; // not so for NaN, which must reach the loss
          let zz = f32x4.splat(0); // Σ (z·v)², all that the last step asks of the cells
          for (let c = first; c < end; c += PANEL) {
            const to = min(c + PANEL, end);
            const rows = isHuge ? gather(z, t, column, weight, c, to, fixed, bytes) : (to - c + 3) & ~3;
            for (let q = 0; q < rows; q += 4) {
              const zq = z + <usize>q * bytes;
              const d = dotFour(zq, byJ, bytes);
              if (isLast) zz = v128.add<f32>(zz, v128.mul<f32>(d, d));
              else addFour(zq, bytes, d, outJ);
            }
          }
          const rJ = r + <usize>j * bytes;
          const alpha = rr / (dot(byJ, outJ, bytes) + sumLanes(zz));
          loss -= <f64>alpha * <f64>rr;
          addScaled(byJ, bytes, alpha, x + <usize>j * bytes);
          if (isLast) continue;
          addScaled(outJ, bytes, -alpha, rJ);
          const rr1 = dot(rJ, rJ, bytes);
          scaleAndAdd(byJ, bytes, rr1 / rr, rJ);
          store<f32>(at(squares, j), rr1);
        }
      }
    }

    for (let j = 0; j < batch; j++) {
      const row = load<i32>(at(order, n + j));
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

/** out_j = G v_j + λ_j v_j for the batch. Lanes of a batch that is not full are zero. */
function timesGram(
  gram: usize,
  stride: i32,
  v: usize,
  batch: i32,
  lambdas: usize,
  turned: usize,
  products: usize,
  out: usize,
): void {
  const bytes = (<usize>stride) << 2;
  if (batch < BATCH) memory.fill(turned, 0, <usize>BATCH * bytes);
  for (let j = 0; j < batch; j++) {
    const from = v + <usize>j * bytes;
    const to = at(turned, j);
    for (let p = 0; p < stride; p++) store<f32>(to + ((<usize>p) << 5), load<f32>(at(from, p)));
  }
  for (let i = 0; i < stride; i += 4)
    product(at(gram, i), bytes, turned, stride, products + ((<usize>i) << 5), 32);
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
