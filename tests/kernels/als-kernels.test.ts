import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { buildCells } from '../../src/core/als/cells.js';
import { diagonalise } from '../../src/core/als/eigen.js';
import type { AlsKernel, Solver } from '../../src/core/als/kernels.js';
import { runUnit, unitsOf } from '../../src/core/als/phases.js';
import { type Workspace, createWorkspace } from '../../src/core/als/workspace.js';
import { normal, randomOf } from '../../src/core/random/random.js';
import { createReferenceKernel } from '../../src/kernels/reference/kernel.js';
import { createScalarKernel } from '../../src/kernels/scalar/kernel.js';
import { createSimdKernel } from '../../src/kernels/simd/kernel.js';
import { listOf } from '../core/als-problem.js';

/**
 * Error bounds against the reference, relative to a row's size (or 0.01): both others store single precision (6e-8); SIMD
 * also computes in it, so that the condition of A enters, up to 10^4 here. Over thousands of random problems the largest
 * errors seen were 4e-6 (exact), 2e-4 (cg) and, of the loss, 1.2e-6 of the weights.
 */
const KERNELS: {
  name: string;
  create: (w: Workspace) => AlsKernel;
  row: Record<Solver, number>;
  loss: number;
}[] = [
  {
    name: 'scalar',
    create: ({ hyper }) => createScalarKernel(hyper.k),
    row: { exact: 3e-7, cg: 3e-7 },
    loss: 1e-9,
  },
  {
    name: 'simd',
    create: ({ memory, hyper }) => createSimdKernel(memory, hyper.k),
    row: { exact: 4e-5, cg: 1e-3 },
    loss: 1e-5,
  },
];

interface Problem {
  k: number;
  /** Signed weights in millionths per viewer: [film, weight]. */
  viewers: [film: number, weightMicro: number][][];
  films: number;
  seed: number;
  hasPrior: boolean;
}

/** A workspace with both sides set to random factors, ready for one half-step of viewers. */
function workspaceOf({ k, viewers, films, seed, hasPrior }: Problem): Workspace {
  const cells = viewers.flatMap((row, u) => row.map(([film, weight]) => [u, film, weight] as const));
  const { arena, byRow, byColumn } = buildCells(viewers.length, films, listOf(cells));
  const hyper = { k, alpha0: 0.3, lambda: 0.05, nu: 1 };
  const workspace = createWorkspace({ arena, byViewer: byRow, byFilm: byColumn }, hyper);
  const random = randomOf('kernels', seed);
  const { stride } = workspace;
  if (hasPrior) workspace.viewers.prior = arena.float32(viewers.length * stride);
  for (const rows of [workspace.films.factors, workspace.viewers.factors, workspace.viewers.prior]) {
    for (let n = 0; n < (rows?.length ?? 0); n++) if (n % stride < k) rows![n] = 0.3 * normal(random);
  }
  return workspace;
}

/** Gram, by the reference, so that all kernels work in the same basis; and for `cg` the turn to it. */
function prepare(workspace: Workspace, kernel: AlsKernel, solver: Solver): void {
  const { films, gram, basis, stride, hyper } = workspace;
  createReferenceKernel(hyper.k).gram(films.factors, 0, films.cells.rows, gram);
  for (let n = 0; n < gram.length; n++) gram[n]! *= hyper.alpha0;
  if (solver === 'cg') {
    diagonalise(gram, { k: hyper.k, stride }, basis);
    for (let unit = 0; unit < unitsOf('turn', workspace); unit++) runUnit(workspace, kernel, 'turn', unit);
  }
}

/** One half-step of viewers; returns its loss. */
function halfStep(workspace: Workspace, kernel: AlsKernel, solver: Solver): number {
  const { viewers, stride } = workspace;
  prepare(workspace, kernel, solver);
  const phase = solver === 'cg' ? 'solveViewers' : 'solveViewersExactly';
  let loss = 0;
  for (let unit = 0; unit < unitsOf(phase, workspace); unit++) {
    runUnit(workspace, kernel, phase, unit);
    loss += workspace.lossParts[unit]!;
  }
  expect(viewers.factors.length).toBe(viewers.cells.rows * stride);
  return loss;
}

function compare(problem: Problem, solver: Solver, kernel: (typeof KERNELS)[number]): void {
  const [expected, actual] = [workspaceOf(problem), workspaceOf(problem)];
  const expectedLoss = halfStep(expected, createReferenceKernel(problem.k), solver);
  const loss = halfStep(actual, kernel.create(actual), solver);
  const [a, b] = [expected.viewers.factors, actual.viewers.factors];
  const { stride } = expected;
  for (let row = 0; row < problem.viewers.length; row++) {
    const [x, y] = [a, b].map((rows) => rows.subarray(row * stride, (row + 1) * stride));
    const size = Math.max(0.01, Math.hypot(...x!));
    const away = Math.hypot(...x!.map((value, j) => value - y![j]!));
    expect(away / size, `row ${row} of ${problem.viewers[row]!.length} cells`).toBeLessThan(
      kernel.row[solver],
    );
    for (let j = problem.k; j < stride; j++) expect(y![j]).toBe(0);
  }
  // a loss is a small difference of sums as large as the weights
  const scale = problem.viewers
    .flat()
    .reduce((sum, [, w]) => sum + Math.abs(w) / 1e6, Math.abs(expectedLoss));
  expect(Math.abs(loss - expectedLoss) / Math.max(scale, 0.01)).toBeLessThan(kernel.loss);
}

const weight = fc.oneof(
  fc.integer({ min: 1, max: 3_000_000 }),
  fc.integer({ min: -1_000_000, max: -1 }),
  fc.constant(1_000_000),
);
const problems: fc.Arbitrary<Problem> = fc.integer({ min: 1, max: 40 }).chain((films) => {
  const film = fc.integer({ min: 0, max: films - 1 });
  const row = fc.uniqueArray(fc.tuple(film, weight), { selector: ([f]) => f, maxLength: 40 });
  return fc.record({
    k: fc.constantFrom(1, 2, 5, 8, 11, 16, 24),
    viewers: fc.array(row, { minLength: 1, maxLength: 20 }),
    films: fc.constant(films),
    seed: fc.nat(1000),
    hasPrior: fc.boolean(),
  });
});

const everything = (films: number, weightMicro: number): [number, number][] =>
  Array.from({ length: films }, (_, film) => [film, weightMicro]);
const plain = { seed: 1, hasPrior: false };
const SPECIAL: [string, Problem][] = [
  ['one viewer, one film', { ...plain, k: 3, films: 1, viewers: [[[0, 1_000_000]]] }],
  ['nobody saw anything', { ...plain, k: 9, films: 4, viewers: [[], [], []] }],
  ['nobody saw anything, with priors', { ...plain, k: 9, films: 4, viewers: [[], []], hasPrior: true }],
  ['negatives only', { ...plain, k: 8, films: 6, viewers: [everything(6, -1_000_000)] }],
  ['viewers who are the same', { ...plain, k: 8, films: 9, viewers: Array(20).fill(everything(9, 500_000)) }],
  ['the largest weights', { ...plain, k: 4, films: 30, viewers: [everything(30, 2 ** 31 - 1)] }],
  ['the smallest weights', { ...plain, k: 4, films: 30, viewers: [everything(30, 1)] }],
  ['rows of 63 … 66 cells', { ...plain, k: 16, films: 70, viewers: [63, 64, 65, 66].map((n) => everything(n, 1e6)) }],
  ['rows that sweep together, and one that does not', { ...plain, k: 8, films: 2100, viewers: [2100, 2050, 2049, 2048].map((n) => everything(n, n % 2 === 0 ? 1e6 : -2e5)) }],
  ['rows that sweep through two blocks', { ...plain, k: 8, films: 9001, viewers: [everything(9001, 1e6), everything(5, 1e6)] }],
]; // prettier-ignore

describe.each(KERNELS)('$name', (kernel) => {
  const solvers = ['exact', 'cg'] as const;

  test.each(solvers)('%s equals the reference on any problem', (solver) => {
    fc.assert(
      fc.property(problems, (problem) => compare(problem, solver, kernel)),
      { numRuns: 60 },
    );
  });

  test.each(SPECIAL)('%s', (_name, problem) => {
    for (const solver of solvers) compare(problem, solver, kernel);
  });

  test('a ridge below zero: NaN in the row and in the loss', () => {
    const problem: Problem = { ...plain, k: 5, films: 3, viewers: [[[0, 1e6]], [[1, 1e6]]] };
    const workspace = workspaceOf(problem);
    workspace.viewers.ridge[1] = -100;
    expect(halfStep(workspace, kernel.create(workspace), 'exact')).toBeNaN();
    expect(workspace.viewers.factors[workspace.stride]).toBeNaN();
    expect(workspace.viewers.factors[0]).not.toBeNaN();
  });

  test('a factor that is not a number reaches the loss', () => {
    const problem: Problem = { ...plain, k: 5, films: 3, viewers: [[[0, 1e6]], [[1, 1e6]]] };
    for (const solver of solvers) {
      const workspace = workspaceOf(problem);
      workspace.films.factors[2] = Number.NaN;
      expect(halfStep(workspace, kernel.create(workspace), solver)).toBeNaN();
    }
  });

  test('a row does not know its neighbours: alone it has the same bytes', () => {
    const lengths = [40, 7, 12, 0, 4200, 4230, 4260, 4290, 4301, 2049];
    const viewers = lengths.map((n) => everything(n, n % 2 === 0 ? 1e6 : -3e5));
    const together = workspaceOf({ ...plain, k: 11, films: 4301, viewers });
    const alone = workspaceOf({ ...plain, k: 11, films: 4301, viewers });
    // `cg` first: from the exact solution it has nothing to do
    for (const solver of ['cg', 'exact'] as const) {
      halfStep(together, kernel.create(together), solver);
      const own = kernel.create(alone);
      prepare(alone, own, solver);
      const { cells, order, factors, ridge, prior } = alone.viewers;
      const step = {
        cells,
        order,
        ridge,
        prior,
        fixed: alone.films.factors,
        gram: alone.gram,
        solved: factors,
      };
      for (let n = order.length - 1; n >= 0; n--) own.solveRows(step, solver, n, n + 1);
      expect(factors).toEqual(together.viewers.factors);
    }
  });
});

test('gram of SIMD equals the reference for any number of rows', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 200 }), fc.constantFrom(1, 8, 13, 32), (films, k) => {
      const workspace = workspaceOf({ ...plain, k, films, viewers: [[]] });
      const { stride, gramParts } = workspace;
      const expected = new Float32Array(stride * stride);
      createReferenceKernel(k).gram(workspace.films.factors, 0, films, expected);
      createSimdKernel(workspace.memory, k).gram(workspace.films.factors, 0, films, gramParts);
      for (let i = 0; i < stride; i++) {
        for (let j = i; j < stride; j++) {
          const size = Math.max(1, films * 0.09);
          expect(Math.abs(gramParts[i * stride + j]! - expected[i * stride + j]!) / size).toBeLessThan(1e-6);
        }
      }
    }),
    { numRuns: 30 },
  );
});
