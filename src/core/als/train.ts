import { diagonalise } from './eigen.js';
import type { Solver } from './kernels.js';
import { type Phase, type Team, unitsOf } from './phases.js';
import { GRAM_BLOCKS, type Side, type Workspace } from './workspace.js';

export interface TrainOptions {
  epochs: number;
  /** Of the epochs' half-steps; the last one of all is exact in any case. */
  solver: Solver;
  /** Losses of epochs that a checkpoint already holds; training goes on after them. */
  losses?: number[];
  /** After each epoch, awaited: the place for checkpoints and heartbeats. */
  onEpoch?: (done: { epoch: number; of: number; loss: number }) => Promise<void> | void;
}

/** A loss that is not a number: no retry helps. */
export class ModelDiverged extends Error {}

const PHASES_OF: Record<Solver, { viewers: Phase; films: Phase }> = {
  cg: { viewers: 'solveViewers', films: 'solveFilms' },
  exact: { viewers: 'solveViewersExactly', films: 'solveFilmsExactly' },
};

/**
 * Implicit ALS of Hu, Koren & Volinsky (2008) in the parametrisation of Rendle et al. (2022):
 *   L = Σ_Ω w(p − s)² + α₀ Σ_all s² + Σ_u λ_u‖x_u‖² + Σ_i λ_i‖y_i − B f_i‖² + γ λ̄‖B‖²,   s_ui = x_u·y_i
 * One epoch solves all viewers, then B where there is a content prior (prior.ts), then all films; none lets L grow.
 * Conjugate gradients run in the basis of eigenvectors of the fixed side's G = α₀FᵀF, to which both sides are turned before: L
 * depends on products of rows alone, which stay as they are, and a diagonal G costs nothing and preconditions. At the end the
 * viewers are solved exactly against the film factors as they are published, so that each x_u is the exact half-step of what
 * is served.
 * The state between epochs is the factors of both sides, for conjugate gradients go on from the last values: restore both
 * to resume. Returns L of every epoch. Throws ModelDiverged when it is not finite.
 */
export async function trainIals(workspace: Workspace, team: Team, options: TrainOptions): Promise<number[]> {
  const { viewers, prior } = workspace;
  const phases = PHASES_OF[options.solver];
  const run = (phase: Phase) => team.run(phase, unitsOf(phase, workspace));
  const solve = async (phase: Phase) => {
    if (options.solver === 'cg') {
      diagonalise(workspace.gram, { k: workspace.hyper.k, stride: workspace.stride }, workspace.basis);
      await run('turn');
    }
    // B from the films as they are now, and in the basis that they are in
    if (prior !== null && phase === phases.films) await run('fitPrior');
    await run(phase);
  };
  const losses = [...(options.losses ?? [])];

  await run('gramOfFilms');
  reduceGram(workspace);
  if (prior !== null) await run('preparePrior');
  while (losses.length < options.epochs) {
    await solve(phases.viewers);
    await run('gramOfViewers');
    reduceGram(workspace);
    await solve(phases.films);
    const loss =
      lossOf(workspace, phases.films) + ridgeLoss(viewers, workspace.stride) + sumOf(prior?.lossParts ?? []);
    refuseDivergence(workspace, `epoch ${losses.length + 1}`, loss);
    losses.push(loss);
    await options.onEpoch?.({ epoch: losses.length, of: options.epochs, loss });
    await run('gramOfFilms');
    reduceGram(workspace);
  }

  if (prior !== null) {
    await run('fitPrior');
    if (settleUnrated(workspace)) {
      await run('gramOfFilms');
      reduceGram(workspace);
    }
  }

  await run('solveViewersExactly');
  refuseDivergence(workspace, 'the last half-step', lossOf(workspace, 'solveViewersExactly'));
  return losses;
}

/** Films without a cell are B f_i by the last B, as films are that the training did not know. Whether there are any. */
function settleUnrated({ films: { cells, factors, prior }, stride }: Workspace): boolean {
  let isAny = false;
  for (let r = 0; prior !== null && r < cells.rows; r++) {
    if (cells.start[r] !== cells.start[r + 1]) continue;
    factors.set(prior.subarray(r * stride, (r + 1) * stride), r * stride);
    isAny = true;
  }
  return isAny;
}

function refuseDivergence({ hyper, viewers, films }: Workspace, when: string, loss: number): void {
  if (Number.isFinite(loss)) return;
  throw new ModelDiverged(
    `loss of ${when} is ${loss}, expected a finite number (k ${hyper.k}, lambda ${hyper.lambda}, ` +
      `${viewers.cells.rows} viewers, ${films.cells.rows} films)`,
  );
}

/** Sums the partial products in block order, in double precision; leaves α₀ times the sum, both triangles. */
function reduceGram({ gram, gramParts, stride, hyper }: Workspace): void {
  for (let i = 0; i < stride; i++) {
    for (let j = i; j < stride; j++) {
      let total = 0;
      for (let b = 0; b < GRAM_BLOCKS; b++) total += gramParts[b * gram.length + i * stride + j]!;
      gram[i * stride + j] = gram[j * stride + i] = hyper.alpha0 * total;
    }
  }
}

/** What the side that was solved last adds to L, which is all but the other side's ridge. */
function lossOf(workspace: Workspace, phase: Phase): number {
  let total = 0;
  for (let unit = 0; unit < unitsOf(phase, workspace); unit++) total += workspace.lossParts[unit]!;
  return total;
}

function sumOf(parts: Iterable<number>): number {
  let total = 0;
  for (const part of parts) total += part;
  return total;
}

/** Σ λ_r‖s_r − prior_r‖² */
function ridgeLoss({ cells, ridge, factors, prior }: Side, stride: number): number {
  let total = 0;
  for (let r = 0; r < cells.rows; r++) {
    let square = 0;
    for (let j = r * stride; j < (r + 1) * stride; j++) {
      const away = factors[j]! - (prior === null ? 0 : prior[j]!);
      square += away * away;
    }
    total += ridge[r]! * square;
  }
  return total;
}
