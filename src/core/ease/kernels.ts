import type { EaseWorkspace } from './workspace.js';

/**
 * The hot loops of a sweep over the pivot block `pivot` of width SWEEP_WIDTH, D = A[pivot][pivot]: R = A[pivot][·] (zero at
 * the pivots), W = D⁻¹R. Units may run in any order on any thread.
 */
export interface EaseKernel {
  /** Columns 8·from … 8·to−1 of R and W; W takes R's place in the matrix. */
  panels(workspace: EaseWorkspace, from: number, to: number): void;
  /** A −= RᵀW in rows 64·from … 64·to−1 of the upper triangle. */
  update(workspace: EaseWorkspace, from: number, to: number): void;
}
