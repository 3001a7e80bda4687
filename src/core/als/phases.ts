import type { AlsKernel, HalfStep, Solver } from './kernels.js';
import { fitPriorColumn, preparePrior } from './prior.js';
import { GRAM_BLOCKS, type Side, type Workspace, blockStart } from './workspace.js';

/** The parallel parts of training. Units of a phase may run in any order on any thread. */
export const PHASES = [
  'gramOfFilms',
  'gramOfViewers',
  'turn',
  'solveViewers',
  'solveFilms',
  'solveViewersExactly',
  'solveFilmsExactly',
  'preparePrior',
  'fitPrior',
] as const;
export type Phase = (typeof PHASES)[number];

/** Runs each unit 0 … units−1 of a phase exactly once; rejects when aborted or when a thread fails. */
export interface Team {
  run(phase: Phase, units: number): Promise<void>;
}

export function unitsOf(phase: Phase, { viewers, films, hyper }: Workspace): number {
  switch (phase) {
    case 'gramOfFilms':
    case 'gramOfViewers':
      return GRAM_BLOCKS;
    case 'turn':
      return 2 * GRAM_BLOCKS;
    case 'solveViewers':
    case 'solveViewersExactly':
      return viewers.unitStart.length - 1;
    case 'solveFilms':
    case 'solveFilmsExactly':
      return films.unitStart.length - 1;
    case 'preparePrior':
      return 1;
    case 'fitPrior':
      return hyper.k;
  }
}

/** The work of one unit; all its results go into the workspace. */
export function runUnit(workspace: Workspace, kernel: AlsKernel, phase: Phase, unit: number): void {
  const { viewers, films, prior, stride } = workspace;
  switch (phase) {
    case 'gramOfFilms':
      return gramBlock(workspace, kernel, films, unit);
    case 'gramOfViewers':
      return gramBlock(workspace, kernel, viewers, unit);
    case 'turn':
      return turnBlock(workspace, kernel, unit < GRAM_BLOCKS ? films : viewers, unit % GRAM_BLOCKS);
    case 'solveViewers':
      return solveUnit(workspace, kernel, 'cg', [viewers, films], unit);
    case 'solveFilms':
      return solveUnit(workspace, kernel, 'cg', [films, viewers], unit);
    case 'solveViewersExactly':
      return solveUnit(workspace, kernel, 'exact', [viewers, films], unit);
    case 'solveFilmsExactly':
      return solveUnit(workspace, kernel, 'exact', [films, viewers], unit);
    case 'preparePrior':
      if (prior !== null) preparePrior(prior, films.ridge);
      return;
    case 'fitPrior':
      if (prior !== null && films.prior !== null) {
        fitPriorColumn(prior, unit, stride, films.ridge, films.factors, films.prior);
      }
      return;
  }
}

/** A team of one, in the calling thread: for small problems and tests. */
export function soloTeam(workspace: Workspace, kernel: AlsKernel): Team {
  return {
    async run(phase, units) {
      for (let unit = 0; unit < units; unit++) runUnit(workspace, kernel, phase, unit);
    },
  };
}

function gramBlock({ gramParts, gram }: Workspace, kernel: AlsKernel, side: Side, block: number): void {
  const { rows } = side.cells;
  const out = gramParts.subarray(block * gram.length, (block + 1) * gram.length);
  kernel.gram(side.factors, blockStart(rows, block), blockStart(rows, block + 1), out);
}

function turnBlock({ basis }: Workspace, kernel: AlsKernel, side: Side, block: number): void {
  const { rows } = side.cells;
  for (const factors of [side.factors, side.prior]) {
    if (factors !== null) kernel.turn(factors, blockStart(rows, block), blockStart(rows, block + 1), basis);
  }
}

function solveUnit(
  { gram, lossParts }: Workspace,
  kernel: AlsKernel,
  solver: Solver,
  [side, other]: [Side, Side],
  unit: number,
): void {
  const step: HalfStep = {
    cells: side.cells,
    order: side.order,
    fixed: other.factors,
    gram,
    ridge: side.ridge,
    prior: side.prior,
    solved: side.factors,
  };
  lossParts[unit] = kernel.solveRows(step, solver, side.unitStart[unit]!, side.unitStart[unit + 1]!);
}
