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

/**
 * One half-step: the rows of `cells` are solved against the other side's fixed factors (science A.4):
 *   A_r = α₀FᵀF + Σ_c w f_c f_cᵀ + λ_r I      b_r = Σ_{c: p=1} w f_c      s_r = A_r⁻¹ b_r
 */
export interface HalfStep {
  cells: Cells;
  /** F: columns × k, row-major. */
  fixed: Float64Array;
  /** α₀FᵀF: lower triangle of stride × stride (see dense.ts). */
  gram: Float64Array;
  /** λ_r of each row. */
  ridge: Float64Array;
  /** rows × k, row-major: written by solveRows, read by lossRows. */
  solved: Float64Array;
}

/**
 * The hot loops of training. A kernel owns its scratch memory and serves one thread. Rows are independent and each result
 * must depend on nothing but its own row, so that any division of rows among threads gives the same bytes.
 */
export interface AlsKernel {
  /** out[0 … stride²) = Σ f fᵀ over rows from … to−1 of `factors` (n × k), lower triangle. */
  gram(factors: Float64Array, from: number, to: number, out: Float64Array): void;
  /** Solves rows from … to−1 exactly. */
  solveRows(step: HalfStep, from: number, to: number): void;
  /** Σ over rows from … to−1 of Σ_c w(p − s_r·f_c)² + λ_r‖s_r‖². */
  lossRows(step: HalfStep, from: number, to: number): number;
}
