import { type Cells, sharedFloat64, sharedInt32 } from './cells.js';
import { strideOf } from './dense.js';
import type { Hyper } from './kernels.js';

/** One side of the model: viewers or films. */
export interface Side {
  cells: Cells;
  /** rows × k */
  factors: Float64Array;
  /** λ_r = λ(Σ w + α₀·columns)^ν */
  ridge: Float64Array;
  /** Bounds of units of about equal cost: rows unitStart[n] … unitStart[n+1]−1. */
  unitStart: Int32Array;
}

/** All that threads share while training; every array lies in shared memory. */
export interface Workspace {
  hyper: Hyper;
  viewers: Side;
  films: Side;
  /** α₀FᵀF of the side that is fixed now. */
  gram: Float64Array;
  /** GRAM_BLOCKS partial products, summed in block order. */
  gramParts: Float64Array;
  /** One partial loss per unit of viewers, summed in unit order. */
  lossParts: Float64Array;
}

/** Fixed, so that the order of additions never depends on the number of threads. */
export const GRAM_BLOCKS = 64;
const UNITS = 256;

/** Factors are all zero: set the films' before training (start.ts). */
export function createWorkspace(cells: { byViewer: Cells; byFilm: Cells }, hyper: Hyper): Workspace {
  const square = strideOf(hyper.k) ** 2;
  const viewers = createSide(cells.byViewer, hyper);
  return {
    hyper,
    viewers,
    films: createSide(cells.byFilm, hyper),
    gram: sharedFloat64(square),
    gramParts: sharedFloat64(GRAM_BLOCKS * square),
    lossParts: sharedFloat64(viewers.unitStart.length - 1),
  };
}

/** First row of gram block `b` of a side with `rows` rows. */
export function blockStart(rows: number, b: number): number {
  return Math.floor((rows * b) / GRAM_BLOCKS);
}

/** Σ w of a row is an exact integer in millionths; ν = 1 needs no power function, whose bits engines may choose. */
export function ridgeOf(sumMicro: number, columns: number, { lambda, alpha0, nu }: Hyper): number {
  const mass = sumMicro / 1e6 + alpha0 * columns;
  return lambda * (nu === 1 ? mass : mass ** nu);
}

function createSide(cells: Cells, hyper: Hyper): Side {
  return {
    cells,
    factors: sharedFloat64(cells.rows * hyper.k),
    ridge: ridges(cells, hyper),
    unitStart: equalUnits(cells, hyper.k),
  };
}

function ridges(cells: Cells, hyper: Hyper): Float64Array {
  const out = sharedFloat64(cells.rows);
  for (let r = 0; r < cells.rows; r++) {
    let micro = 0;
    for (let c = cells.start[r]!; c < cells.start[r + 1]!; c++) micro += Math.abs(cells.weightMicro[c]!);
    out[r] = ridgeOf(micro, cells.columns, hyper);
  }
  return out;
}

/** Contiguous rows of about equal cost: a cell costs k²/2 multiplications, a row's Cholesky k³/6 ≈ k/3 cells. */
function equalUnits({ rows, start }: Cells, k: number): Int32Array {
  const costOfRow = 1 + k / 3;
  const target = (start[rows]! + rows * costOfRow) / UNITS;
  const bounds = [0];
  let cost = 0;
  for (let r = 0; r < rows; r++) {
    cost += start[r + 1]! - start[r]! + costOfRow;
    if (cost >= target && r + 1 < rows) {
      bounds.push(r + 1);
      cost = 0;
    }
  }
  bounds.push(rows);
  const shared = sharedInt32(bounds.length);
  shared.set(bounds);
  return shared;
}
