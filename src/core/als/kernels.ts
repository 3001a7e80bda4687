import type { Cells } from './cells.js';

/** What a model is made of besides its data. A recipe hashes these. */
export interface Hyper {
  /** Latent dimension. */
  k: number;
  /** α₀: weight of every cell as an unobserved zero. */
  alpha0: number;
  /** λ and ν of the ridge λ(Σ w + α₀ n)^ν. */
  lambda: number;
  nu: number;
}

/** `cg`: two steps of preconditioned conjugate gradients from the row's last value; `exact`: Cholesky. */
export type Solver = 'cg' | 'exact';
export const CG_STEPS = 2;

/** Floats of a factor row in memory: k rounded up to the width of the kernels; those past k are 0. */
export function strideOf(k: number): number {
  return (k + 7) & ~7;
}

/** Rows with more cells are solved side by side, so many at once, if they come in one call (see assembly/sweep.ts). */
export const LONG_ROW = 2048;
export const SWEEP_ROWS = 128;

/**
 * One half-step: the rows of `cells` are solved against the other side's fixed factors (science A.4):
 *   A_r = α₀FᵀF + Σ_c w f_c f_cᵀ + λ_r I      b_r = Σ_{c: p=1} w f_c + λ_r prior_r      s_r = A_r⁻¹ b_r
 * A row without cells is its prior (zeros without one): nothing was seen that could move it.
 */
export interface HalfStep {
  cells: Cells;
  /** Rows, longest first: `from` and `to` below count in it. */
  order: Int32Array;
  /** F: columns × stride, row-major. */
  fixed: Float32Array;
  /** G = α₀FᵀF: stride × stride. For `cg` a diagonal, which with the ridge is its preconditioner (see train.ts). */
  gram: Float32Array;
  /** λ_r of each row. */
  ridge: Float64Array;
  /** Where the ridge pulls each row to, rows × stride; null = to zero. */
  prior: Float32Array | null;
  /** rows × stride: read as the start of `cg`, and written. */
  solved: Float32Array;
}

/**
 * The hot loops of training. A kernel owns its scratch memory and serves one thread. Rows are independent and each result
 * must depend on nothing but its own row, so that any division of rows among threads gives the same bytes.
 */
export interface AlsKernel {
  /** out[0 … stride²) = Σ f fᵀ over rows from … to−1 of `factors` (n × stride), at least the upper triangle. */
  gram(factors: Float32Array, from: number, to: number, out: Float32Array): void;
  /** Rows from … to−1 of `factors` (n × stride) times `basis` (stride × stride), in place. */
  turn(factors: Float32Array, from: number, to: number, basis: Float32Array): void;
  /**
   * Solves rows order[from … to). Returns what they then add to the loss:
   *   Σ_r [ Σ_c w(p − s_r·f_c)² + s_rᵀ(α₀FᵀF)s_r + λ_r‖s_r − prior_r‖² ]
   * A row that cannot be solved becomes NaN, and so does the loss.
   */
  solveRows(step: HalfStep, solver: Solver, from: number, to: number): number;
}
