import { ModelDiverged } from '../als/train.js';
import { freshRow, prepareFacts, shareFacts } from './facts.js';
import type { EaseKernel } from './kernels.js';
import { type EaseWorkspace, SWEEP_WIDTH } from './workspace.js';

export const EASE_PHASES = [
  'gram',
  'panels',
  'update',
  'mirror',
  'weights',
  'facts',
  'shares',
  'fresh',
] as const;
export type EasePhase = (typeof EASE_PHASES)[number];

/** Runs each unit 0 … units−1 of a phase exactly once; rejects when aborted or when a thread fails. */
export interface EaseTeam {
  run(phase: EasePhase, units: number): Promise<void>;
}

/** Rows of a unit of all phases but `panels`. */
const ROWS = 64;
/** Panels of eight columns of a unit of `panels`. */
const PANELS = 16;

/** λ that leaves a pivot at or below zero: no retry helps. */
export class NotInvertible extends ModelDiverged {}

/**
 * EASE (Steck 2019): the item-item weights B that minimise ‖X − XB‖² + λ‖B‖² with a zero diagonal, in closed form:
 *   P = (XᵀX + λI)⁻¹,  B_ij = −P_ij / P_jj for i ≠ j.
 * Leaves B in the workspace, and with facts the weights of new films (facts.ts). The same bytes for any division into units.
 */
export async function trainEase(
  workspace: EaseWorkspace,
  team: EaseTeam,
  onProgress?: (share: number) => void,
): Promise<void> {
  const { size, pivot } = workspace;
  await team.run('gram', size / ROWS);
  for (let first = 0; first < size; first += SWEEP_WIDTH) {
    pivot[0] = first;
    const inverse = invertPivot(workspace, first);
    workspace.inverse.set(inverse);
    await team.run('panels', size / 8 / PANELS);
    await team.run('update', size / ROWS);
    writePivot(workspace, first, inverse);
    onProgress?.((first + SWEEP_WIDTH) / size);
  }
  await team.run('mirror', size / ROWS);
  await team.run('weights', size / ROWS);
  for (let i = 0; i < workspace.films; i++) workspace.matrix[i * size + i] = 0;
  if (workspace.facts === null) return;
  await team.run('facts', 1);
  await team.run('shares', workspace.facts.freshFilms);
  await team.run('fresh', size / ROWS);
}

/** The work of one unit. */
export function runEaseUnit(
  workspace: EaseWorkspace,
  kernel: EaseKernel,
  phase: EasePhase,
  unit: number,
): void {
  switch (phase) {
    case 'gram':
      return gramRows(workspace, unit * ROWS, (unit + 1) * ROWS);
    case 'panels':
      return kernel.panels(workspace, unit * PANELS, (unit + 1) * PANELS);
    case 'update':
      return kernel.update(workspace, unit, unit + 1);
    case 'mirror':
      return mirrorRows(workspace, unit * ROWS, (unit + 1) * ROWS);
    case 'weights':
      return weightRows(workspace, unit * ROWS, (unit + 1) * ROWS);
    case 'facts':
      return workspace.facts === null ? undefined : prepareFacts(workspace.facts);
    case 'shares':
      return workspace.facts === null ? undefined : shareFacts(workspace.facts, unit);
    case 'fresh':
      return freshRows(workspace, unit * ROWS, (unit + 1) * ROWS);
  }
}

/** Row i of XᵀX: how many viewers of film i saw each later film. */
function gramRows(
  { matrix, size, films, lambda, byViewer, byFilm }: EaseWorkspace,
  from: number,
  to: number,
): void {
  for (let i = from; i < to; i++) {
    const row = matrix.subarray(i * size, (i + 1) * size).fill(0);
    if (i >= films) {
      row[i] = 1;
      continue;
    }
    for (let c = byFilm.start[i]!; c < byFilm.start[i + 1]!; c++) {
      const viewer = byFilm.column[c]!;
      for (let d = byViewer.start[viewer + 1]! - 1; d >= byViewer.start[viewer]!; d--) {
        const film = byViewer.column[d]!;
        if (film < i) break;
        row[film]!++;
      }
    }
    row[i]! += lambda;
  }
}

/** D⁻¹ by Gauss–Jordan in double precision. */
function invertPivot({ matrix, size }: EaseWorkspace, first: number): Float64Array {
  const n = SWEEP_WIDTH;
  const d = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = i; j < n; j++) {
      d[i * n + j] = d[j * n + i] = matrix[(first + i) * size + first + j]!;
    }
  }
  for (let p = 0; p < n; p++) {
    const pivot = d[p * n + p]!;
    if (!(pivot > 0)) {
      throw new NotInvertible(
        `pivot ${first + p} of XᵀX + λI is ${pivot}, expected a positive number: raise λ`,
      );
    }
    d[p * n + p] = 1;
    for (let j = 0; j < n; j++) d[p * n + j]! /= pivot;
    for (let i = 0; i < n; i++) {
      if (i === p) continue;
      const by = d[i * n + p]!;
      d[i * n + p] = 0;
      for (let j = 0; j < n; j++) d[i * n + j]! -= by * d[p * n + j]!;
    }
  }
  return d;
}

/** A[pivot][pivot] = −D⁻¹. */
function writePivot({ matrix, size }: EaseWorkspace, first: number, inverse: Float64Array): void {
  for (let i = 0; i < SWEEP_WIDTH; i++) {
    for (let j = i; j < SWEEP_WIDTH; j++) {
      matrix[(first + i) * size + first + j] = -inverse[i * SWEEP_WIDTH + j]!;
    }
  }
}

/**
 * −P in the upper triangle becomes B, in two phases: each row's mirror image below the diagonal needs the diagonal of its own
 * row, the row itself those of all columns, which `mirror` leaves alone.
 */
function mirrorRows({ matrix, size, films }: EaseWorkspace, from: number, to: number): void {
  for (let i = from; i < Math.min(to, films); i++) {
    const own = matrix[i * size + i]!;
    for (let j = i + 1; j < films; j++) matrix[j * size + i] = -matrix[i * size + j]! / own;
  }
}

function weightRows({ matrix, size, films }: EaseWorkspace, from: number, to: number): void {
  for (let i = from; i < Math.min(to, films); i++) {
    for (let j = i + 1; j < films; j++) {
      matrix[i * size + j] = -matrix[i * size + j]! / matrix[j * size + j]!;
    }
  }
}

function freshRows({ facts, matrix, size, films }: EaseWorkspace, from: number, to: number): void {
  if (facts === null) return;
  for (let j = from; j < Math.min(to, films); j++) {
    freshRow(facts, j, matrix.subarray(j * size, j * size + films));
  }
}
