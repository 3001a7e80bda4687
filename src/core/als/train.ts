import { dot } from './dense.js';
import { type Phase, type Team, unitsOf } from './phases.js';
import { GRAM_BLOCKS, type Side, type Workspace } from './workspace.js';

export interface TrainOptions {
  epochs: number;
  /** Losses of epochs that a checkpoint already holds; training goes on after them. */
  losses?: number[];
  /** After each epoch, awaited: the place for checkpoints and heartbeats. */
  onEpoch?: (done: { epoch: number; of: number; loss: number }) => Promise<void> | void;
}

/** A loss that is not a number: no retry helps. */
export class ModelDiverged extends Error {}

/**
 * Implicit ALS of Hu, Koren & Volinsky (2008) in the parametrisation of Rendle et al. (2022):
 *   L = Σ_Ω w(p − s)² + α₀ Σ_all s² + Σ_u λ_u‖x_u‖² + Σ_i λ_i‖y_i‖²,   s_ui = x_u·y_i
 * One epoch solves all viewers, then all films, exactly, so L never grows. At the end the film factors are rounded to
 * float32, as they are published, and the viewers are solved once more against them: then each x_u is the exact half-step
 * of what is served. The state between epochs is the film factors alone: restore them to resume.
 * Returns L of every epoch. Throws ModelDiverged when it is not finite.
 */
export async function trainIals(workspace: Workspace, team: Team, options: TrainOptions): Promise<number[]> {
  const run = (phase: Phase) => team.run(phase, unitsOf(phase, workspace));
  const { viewers, films } = workspace;
  const losses = [...(options.losses ?? [])];

  await run('gramOfFilms');
  reduceGram(workspace);
  while (losses.length < options.epochs) {
    await run('solveViewers');
    await run('gramOfViewers');
    const gramOfViewers = reduceGram(workspace);
    await run('solveFilms');
    await run('gramOfFilms');
    const gramOfFilms = reduceGram(workspace);
    await run('loss');
    const loss =
      sum(workspace.lossParts) + ridgeLoss(films) + zerosLoss(workspace, gramOfViewers, gramOfFilms);
    if (!Number.isFinite(loss)) {
      throw new ModelDiverged(
        `loss of epoch ${losses.length + 1} is ${loss}, expected a finite number (k ${workspace.hyper.k}, ` +
          `lambda ${workspace.hyper.lambda}, ${viewers.cells.rows} viewers, ${films.cells.rows} films)`,
      );
    }
    losses.push(loss);
    await options.onEpoch?.({ epoch: losses.length, of: options.epochs, loss });
  }

  for (let i = 0; i < films.factors.length; i++) films.factors[i] = Math.fround(films.factors[i]!);
  await run('gramOfFilms');
  reduceGram(workspace);
  await run('solveViewers');
  return losses;
}

/** Sums the partial products in block order; leaves α₀ times the sum in the workspace and returns the plain sum. */
function reduceGram({ gram, gramParts, hyper }: Workspace): Float64Array {
  const total = new Float64Array(gram.length);
  for (let b = 0; b < GRAM_BLOCKS; b++) {
    const at = b * gram.length;
    for (let i = 0; i < total.length; i++) total[i]! += gramParts[at + i]!;
  }
  for (let i = 0; i < total.length; i++) gram[i] = hyper.alpha0 * total[i]!;
  return total;
}

/** α₀ Σ_all s² = α₀ Σ_ij (XᵀX)_ij (YᵀY)_ij: both symmetric, of which the lower triangle is there. */
function zerosLoss({ gram, hyper }: Workspace, xx: Float64Array, yy: Float64Array): number {
  const stride = Math.sqrt(gram.length);
  let total = 0;
  for (let i = 0; i < hyper.k; i++) {
    for (let j = 0; j < i; j++) total += 2 * xx[i * stride + j]! * yy[i * stride + j]!;
    total += xx[i * stride + i]! * yy[i * stride + i]!;
  }
  return hyper.alpha0 * total;
}

function ridgeLoss({ cells, ridge, factors }: Side): number {
  const k = factors.length / Math.max(cells.rows, 1);
  let total = 0;
  for (let r = 0; r < cells.rows; r++) total += ridge[r]! * dot(factors, r * k, factors, r * k, k);
  return total;
}

function sum(parts: Float64Array): number {
  let total = 0;
  for (const part of parts) total += part;
  return total;
}
