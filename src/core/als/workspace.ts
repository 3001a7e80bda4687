import type { Arena } from './arena.js';
import type { Cells } from './cells.js';
import type { FilmFeatures } from './film-features.js';
import { type Hyper, LONG_ROW, SWEEP_ROWS, strideOf } from './kernels.js';
import { type Prior, createPrior } from './prior.js';

/** One side of the model: viewers or films. */
export interface Side {
  cells: Cells;
  /** rows × stride */
  factors: Float32Array;
  /** λ_r = λ(Σ w + α₀·columns)^ν */
  ridge: Float64Array;
  /** Rows × stride: where the ridge pulls to; null = to zero. */
  prior: Float32Array | null;
  /** Rows by number of cells, longest first: rows of about equal length are solved together. */
  order: Int32Array;
  /** Bounds of units of about equal cost: order[unitStart[n]] … order[unitStart[n+1]−1]. */
  unitStart: Int32Array;
}

/** All that threads share while training; every array lies in `memory`. */
export interface Workspace {
  memory: WebAssembly.Memory;
  hyper: Hyper;
  stride: number;
  viewers: Side;
  films: Side;
  /** What gives `films.prior`; null = none. */
  prior: Prior | null;
  /** α₀FᵀF of the side that is fixed now, stride × stride. */
  gram: Float32Array;
  /** Its eigenvectors as columns, stride × stride: the basis that both sides are turned to (train.ts). */
  basis: Float32Array;
  /** GRAM_BLOCKS partial products, summed in block order. */
  gramParts: Float32Array;
  /** Partial losses per unit of the side that was solved last, summed in unit order. */
  lossParts: Float64Array;
}

/** Fixed, so that the order of additions never depends on the number of threads. */
export const GRAM_BLOCKS = 64;
const UNITS = 400;

/** Factors are all zero: set the films' before training (start.ts). `content`: features of the films, in their order. */
export function createWorkspace(
  { arena, byViewer, byFilm }: { arena: Arena; byViewer: Cells; byFilm: Cells },
  hyper: Hyper,
  content?: { features: FilmFeatures; gamma: number },
): Workspace {
  const stride = strideOf(hyper.k);
  const viewers = createSide(arena, byViewer, hyper);
  const films = createSide(arena, byFilm, hyper);
  const prior = content === undefined ? null : createPrior(arena, content.features, hyper.k, content.gamma);
  if (prior !== null) films.prior = arena.float32(byFilm.rows * stride);
  return {
    memory: arena.memory,
    hyper,
    stride,
    viewers,
    films,
    prior,
    gram: arena.float32(stride * stride),
    basis: arena.float32(stride * stride),
    gramParts: arena.float32(GRAM_BLOCKS * stride * stride),
    lossParts: arena.float64(Math.max(viewers.unitStart.length, films.unitStart.length) - 1),
  };
}

/** A side's factors as they are published: rows × k. */
export function publishedFactors(
  { hyper, stride }: Workspace,
  { cells, factors }: Side,
): Float32Array<ArrayBuffer> {
  const out = new Float32Array(cells.rows * hyper.k);
  for (let r = 0; r < cells.rows; r++) {
    out.set(factors.subarray(r * stride, r * stride + hyper.k), r * hyper.k);
  }
  return out;
}

/** Chosen rows of a side, rows × stride, in shared memory; a row of −1 stays zero. */
export function rowsOf({ stride }: Workspace, { factors }: Side, rows: ArrayLike<number>): Float32Array {
  const out = new Float32Array(new SharedArrayBuffer(rows.length * stride * 4));
  for (let n = 0; n < rows.length; n++) {
    const from = rows[n]! * stride;
    if (from >= 0) out.set(factors.subarray(from, from + stride), n * stride);
  }
  return out;
}

/** First row of gram block `b` of a side with `rows` rows. */
export function blockStart(rows: number, b: number): number {
  return Math.floor((rows * b) / GRAM_BLOCKS);
}

/** Σ w of a row is an exact integer in millionths; ν = 1 and ½ need no power function, whose bits engines may choose. */
export function ridgeOf(sumMicro: number, columns: number, { lambda, alpha0, nu }: Hyper): number {
  const mass = sumMicro / 1e6 + alpha0 * columns;
  if (nu === 1) return lambda * mass;
  return lambda * (nu === 0.5 ? Math.sqrt(mass) : mass ** nu);
}

function createSide(arena: Arena, cells: Cells, hyper: Hyper): Side {
  const order = longestFirst(arena, cells);
  return {
    cells,
    factors: arena.float32(cells.rows * strideOf(hyper.k)),
    ridge: ridges(arena, cells, hyper),
    prior: null,
    order,
    unitStart: equalUnits(arena, cells, order, hyper.k),
  };
}

function ridges(arena: Arena, cells: Cells, hyper: Hyper): Float64Array {
  const out = arena.float64(cells.rows);
  for (let r = 0; r < cells.rows; r++) {
    let micro = 0;
    for (let c = cells.start[r]!; c < cells.start[r + 1]!; c++) micro += Math.abs(cells.weightMicro[c]!);
    out[r] = ridgeOf(micro, cells.columns, hyper);
  }
  return out;
}

/** Counting sort by length; rows of one length stay in order. */
function longestFirst(arena: Arena, { rows, start }: Cells): Int32Array {
  let longest = 0;
  for (let r = 0; r < rows; r++) longest = Math.max(longest, start[r + 1]! - start[r]!);
  const next = new Int32Array(longest + 2);
  for (let r = 0; r < rows; r++) next[longest - (start[r + 1]! - start[r]!) + 1]!++;
  for (let n = 0; n <= longest; n++) next[n + 1]! += next[n]!;
  const order = arena.int32(rows);
  for (let r = 0; r < rows; r++) order[next[longest - (start[r + 1]! - start[r]!)]!++] = r;
  return order;
}

/**
 * By Cholesky a cell costs k²/2 multiplications and a row of its own k³/6 ≈ k/3 cells; by conjugate gradients 5k, and a row
 * less than ten cells: of the longest-first order either makes little. Long rows are solved side by side: they come in
 * units of SWEEP_ROWS, whatever they cost, and first, so that no thread ends on one.
 */
function equalUnits(arena: Arena, { rows, start }: Cells, order: Int32Array, k: number): Int32Array {
  const costOfRow = 1 + k / 3;
  const target = (start[rows]! + rows * costOfRow) / UNITS;
  const bounds = [0];
  let cost = 0;
  for (let n = 0; n < rows; n++) {
    const cells = start[order[n]! + 1]! - start[order[n]!]!;
    const isLong = cells > LONG_ROW;
    cost += cells + costOfRow;
    const isFull = isLong ? n + 1 - bounds.at(-1)! === SWEEP_ROWS : cost >= target;
    if (isFull && n + 1 < rows) {
      bounds.push(n + 1);
      cost = 0;
    }
  }
  bounds.push(rows);
  const shared = arena.int32(bounds.length);
  shared.set(bounds);
  return shared;
}
