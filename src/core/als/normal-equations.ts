import type { Cells } from './cells.js';
import { PANEL_ROWS, addPanel, factorise, solveFactorised, strideOf } from './dense.js';

/** What the rows of a half-step are solved against, in double precision; see HalfStep. */
export interface Equations {
  cells: Cells;
  /** F: columns × pitch, of which the first k of each row count. */
  fixed: Float32Array | Float64Array;
  pitch: number;
  /** α₀FᵀF: lower triangle of stride × stride (dense.ts). */
  gram: Float64Array;
  ridge: Float64Array;
}

/** Scratch memory of one row's system A x = b, reused for every row. */
export interface System {
  readonly k: number;
  readonly stride: number;
  /** A, then its Cholesky factor: stride × stride, lower triangle. */
  readonly a: Float64Array;
  /** b, then x: k. */
  readonly x: Float64Array;
  /** Up to PANEL_ROWS rows √w·f. */
  readonly panel: Float64Array;
}

export function createSystem(k: number): System {
  const stride = strideOf(k);
  return {
    k,
    stride,
    a: new Float64Array(stride * stride),
    x: new Float64Array(k),
    panel: new Float64Array(PANEL_ROWS * stride),
  };
}

/** Solves one row; afterwards `system.x` is the row and `system.a` holds the factor of A. */
export function solveRow(system: System, equations: Equations, row: number, prior?: ArrayLike<number>): void {
  assemble(system, equations, row);
  const lambda = equations.ridge[row]!;
  if (prior !== undefined) for (let j = 0; j < system.k; j++) system.x[j]! += lambda * prior[j]!;
  factorise(system.a, system.stride);
  solveFactorised(system.a, system.stride, system.k, system.x);
}

/** out = Σ f fᵀ over rows from … to−1 of `factors` (n × pitch), lower triangle. */
export function gramOfRows(
  { k, stride, panel }: System,
  factors: Float32Array | Float64Array,
  pitch: number,
  from: number,
  to: number,
  out: Float64Array,
): void {
  out.fill(0);
  for (let first = from; first < to; first += PANEL_ROWS) {
    const rows = Math.min(PANEL_ROWS, to - first);
    for (let r = 0; r < rows; r++) {
      for (let j = 0; j < k; j++) panel[r * stride + j] = factors[(first + r) * pitch + j]!;
    }
    addPanel(out, stride, panel, rows);
  }
}

/** A = α₀FᵀF + Σ w f fᵀ + λI and x = Σ_{p=1} w f; cells of p = 0 enter A only. */
export function assemble(
  { k, stride, a, x, panel }: System,
  { cells, fixed, pitch, gram, ridge }: Equations,
  row: number,
): void {
  a.set(gram);
  x.fill(0);
  let filled = 0;
  for (let c = cells.start[row]!; c < cells.start[row + 1]!; c++) {
    const signed = cells.weightMicro[c]! / 1e6;
    const w = Math.abs(signed);
    const from = cells.column[c]! * pitch;
    const to = filled * stride;
    const root = Math.sqrt(w);
    for (let j = 0; j < k; j++) panel[to + j] = root * fixed[from + j]!;
    if (signed > 0) for (let j = 0; j < k; j++) x[j]! += w * fixed[from + j]!;
    if (++filled === PANEL_ROWS) {
      addPanel(a, stride, panel, filled);
      filled = 0;
    }
  }
  if (filled > 0) addPanel(a, stride, panel, filled);
  for (let j = 0; j < stride; j++) a[j * stride + j]! += ridge[row]!;
}
