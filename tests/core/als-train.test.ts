import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { arenaOf } from '../../src/core/als/arena.js';
import { buildCells } from '../../src/core/als/cells.js';
import { diagonalise } from '../../src/core/als/eigen.js';
import { type Team, soloTeam, unitsOf } from '../../src/core/als/phases.js';
import { startFilms } from '../../src/core/als/start.js';
import { createViewerSolver } from '../../src/core/als/solve-viewer.js';
import { ModelDiverged, trainIals } from '../../src/core/als/train.js';
import { type Workspace, createWorkspace, publishedFactors, ridgeOf } from '../../src/core/als/workspace.js';
import { createSimdKernel } from '../../src/kernels/simd/kernel.js';
import { chequerboard } from './als-chequerboard.js';
import { HYPER, cellOf, listOf, randomProblem, rowsOf, solveDense } from './als-problem.js';

const teamOf = (workspace: Workspace): Team =>
  soloTeam(workspace, createSimdKernel(workspace.memory, workspace.hyper.k));
const SOLVERS = ['cg', 'exact'] as const;
const dot = (a: number[], b: number[]) => a.reduce((sum, x, j) => sum + x * b[j]!, 0);

/** x_u by the formula of science A.4, written out over every cell. */
function viewerByDefinition(workspace: Workspace, u: number): number[] {
  const { k, alpha0 } = workspace.hyper;
  const films = rowsOf(workspace, workspace.films);
  const a = Array.from({ length: k }, () => Array.from({ length: k }, () => 0));
  const b = Array.from({ length: k }, () => 0);
  let micro = 0;
  films.forEach((y, i) => {
    const cell = cellOf(workspace, u, i);
    micro += Math.round((cell?.w ?? 0) * 1e6);
    for (let r = 0; r < k; r++) {
      for (let c = 0; c < k; c++) a[r]![c]! += (alpha0 + (cell?.w ?? 0)) * y[r]! * y[c]!;
      if (cell?.p === 1) b[r]! += cell.w * y[r]!;
    }
  });
  for (let r = 0; r < k; r++) a[r]![r]! += ridgeOf(micro, films.length, workspace.hyper);
  return solveDense(a, b);
}

/** L by the formula, cell by cell. */
function lossByDefinition(workspace: Workspace): number {
  const { alpha0 } = workspace.hyper;
  const x = rowsOf(workspace, workspace.viewers);
  const y = rowsOf(workspace, workspace.films);
  let loss = 0;
  x.forEach((xu, u) => {
    loss += workspace.viewers.ridge[u]! * dot(xu, xu);
    y.forEach((yi, i) => {
      const s = dot(xu, yi);
      const cell = cellOf(workspace, u, i);
      loss += alpha0 * s * s + (cell === null ? 0 : cell.w * (cell.p - s) ** 2);
    });
  });
  y.forEach((yi, i) => (loss += workspace.films.ridge[i]! * dot(yi, yi)));
  return loss;
}

describe('implicit ALS', () => {
  const cases = [1, 3, 6, 8, 13].flatMap((k) => SOLVERS.map((solver) => [k, solver] as const));
  test.each(cases)('k = %i, %s: viewers are the exact half-step of the films', async (k, solver) => {
    const workspace = randomProblem(9, 40, { hyper: { ...HYPER, k } });
    await trainIals(workspace, teamOf(workspace), { epochs: 2, solver });
    rowsOf(workspace, workspace.viewers).forEach((x, u) => {
      viewerByDefinition(workspace, u).forEach((expected, j) => expect(x[j]).toBeCloseTo(expected, 5));
    });
  });

  test.each(SOLVERS)('%s: the loss of an epoch is L', async (solver) => {
    const workspace = randomProblem(12, 15);
    let expected = Number.NaN;
    const losses = await trainIals(workspace, teamOf(workspace), {
      epochs: 1,
      solver,
      onEpoch: () => {
        expected = lossByDefinition(workspace);
      },
    });
    expect(losses[0]! / expected).toBeCloseTo(1, 5);
  });

  test('the loss never grows', async () => {
    const problem = fc.record({
      solver: fc.constantFrom(...SOLVERS),
      viewers: fc.integer({ min: 1, max: 25 }),
      films: fc.integer({ min: 1, max: 25 }),
      seed: fc.nat(1000),
      density: fc.double({ min: 0, max: 1, noNaN: true }),
      nu: fc.constantFrom(0, 0.5, 1),
    });
    await fc.assert(
      fc.asyncProperty(problem, async ({ solver, viewers, films, seed, density, nu }) => {
        const workspace = randomProblem(viewers, films, { seed, density, hyper: { ...HYPER, nu } });
        const losses = await trainIals(workspace, teamOf(workspace), { epochs: 5, solver });
        // Without any cell the loss is 0 but for what float32 leaves of it: hence the absolute part.
        losses.forEach((loss, e) => {
          const before = losses[e - 1] ?? Infinity;
          expect(loss).toBeLessThanOrEqual(before + 1e-6 * Math.abs(before) + 1e-9);
        });
      }),
      { numRuns: 25 },
    );
  });

  test('a turn changes no score and no distance to the prior, and leaves a diagonal Gram matrix', async () => {
    const workspace = randomProblem(70, 45, { hyper: { ...HYPER, k: 11 } });
    const { viewers, films, stride } = workspace;
    const team = teamOf(workspace);
    await trainIals(workspace, team, { epochs: 1, solver: 'exact' });
    const kernel = createSimdKernel(workspace.memory, 11);
    const prior = arenaOf(workspace.memory).float32(films.factors.length);
    prior.set(randomProblem(70, 45, { seed: 2, hyper: workspace.hyper }).films.factors);
    films.prior = prior;
    const products = () => {
      const [x, y] = [rowsOf(workspace, viewers), rowsOf(workspace, films)];
      const z = rowsOf(workspace, { ...films, factors: prior });
      return y.flatMap((yi, i) => [...x.map((xu) => dot(xu, yi)), dot(yi, z[i]!)]);
    };
    const before = products();
    workspace.gram.fill(0);
    kernel.gram(films.factors, 0, 45, workspace.gram);
    for (let i = 0; i < 11; i++)
      for (let j = 0; j < i; j++) workspace.gram[i * stride + j] = workspace.gram[j * stride + i]!;
    diagonalise(workspace.gram, { k: 11, stride }, workspace.basis);
    await team.run('turn', unitsOf('turn', workspace));
    products().forEach((product, n) => expect(product).toBeCloseTo(before[n]!, 5));
    const y = rowsOf(workspace, films);
    for (let i = 0; i < 11; i++) {
      for (let j = 0; j < 11; j++) {
        const sum = y.reduce((total, row) => total + row[i]! * row[j]!, 0);
        expect(sum).toBeCloseTo(i === j ? workspace.gram[i * stride + i]! : 0, 4);
      }
    }
  });

  test('no viewers and no films: a loss of 0', async () => {
    const workspace = randomProblem(0, 0);
    expect(await trainIals(workspace, teamOf(workspace), { epochs: 1, solver: 'cg' })).toEqual([0]);
  });

  test('two groups of opposite taste are told apart (a chequerboard)', async () => {
    const trained = chequerboard(20, 20, { u: 3, i: 5 });
    await trainIals(trained, teamOf(trained), { epochs: 8, solver: 'cg' });
    const score = (u: number, i: number) =>
      dot(rowsOf(trained, trained.viewers)[u]!, rowsOf(trained, trained.films)[i]!);
    expect(score(3, 5)).toBeGreaterThan(0.3); // left out of training, wanted by its group
    expect(score(3, 4)).toBeLessThan(0.1); // of the other group
  });

  test.each(SOLVERS)('%s: a checkpoint of both sides resumes to the same bytes', async (solver) => {
    const whole = randomProblem(30, 30);
    const losses = await trainIals(whole, teamOf(whole), { epochs: 4, solver });
    const killed = randomProblem(30, 30);
    let saved = { films: new Float32Array(), viewers: new Float32Array() };
    const stop = new Error('killed');
    const run = trainIals(killed, teamOf(killed), {
      epochs: 4,
      solver,
      onEpoch: ({ epoch }) => {
        saved = { films: killed.films.factors.slice(), viewers: killed.viewers.factors.slice() };
        if (epoch === 2) throw stop;
      },
    });
    await expect(run).rejects.toBe(stop);
    const resumed = randomProblem(30, 30);
    resumed.films.factors.set(saved.films);
    resumed.viewers.factors.set(saved.viewers);
    const rest = await trainIals(resumed, teamOf(resumed), { epochs: 4, solver, losses: losses.slice(0, 2) });
    expect(rest).toEqual(losses);
    expect(resumed.films.factors).toEqual(whole.films.factors);
    expect(resumed.viewers.factors).toEqual(whole.viewers.factors);
  });

  test('a loss that is not finite is ModelDiverged, with its epoch', async () => {
    const workspace = randomProblem(5, 5);
    workspace.films.factors[0] = Number.NaN;
    const run = trainIals(workspace, teamOf(workspace), { epochs: 3, solver: 'cg' });
    await expect(run).rejects.toThrow(ModelDiverged);
    await expect(run).rejects.toThrow('loss of epoch 1 is NaN, expected a finite number');
  });

  test('a film that nobody saw is its prior; a film of many viewers hardly feels it', async () => {
    const cells = Array.from({ length: 210 }, (_, n) => [n % 200, n < 200 ? 0 : 1, 1e6] as const);
    const { arena, byRow, byColumn } = buildCells(200, 3, listOf(cells));
    const fit = async (prior: number | null) => {
      const hyper = { ...HYPER, k: 2, alpha0: 0.01, lambda: 0.2 };
      const workspace = createWorkspace({ arena, byViewer: byRow, byFilm: byColumn }, hyper);
      startFilms(workspace, ['a', 'b', 'c'], { seed: 1, initSd: 0.1 });
      if (prior !== null) workspace.films.prior = arena.float32(3 * workspace.stride).fill(prior, 16, 18);
      const losses = await trainIals(workspace, teamOf(workspace), { epochs: 3, solver: 'exact' });
      return { films: rowsOf(workspace, workspace.films), loss: losses.at(-1)! };
    };
    const [without, with_] = [await fit(null), await fit(0.5)];
    expect(without.films[2]).toEqual([0, 0]);
    expect(with_.films[2]).toEqual([0.5, 0.5]);
    expect(with_.films[0]![0]).toBeCloseTo(without.films[0]![0]!, 1);
  });
});

describe('viewer solver', () => {
  test('equals the trained viewer to single precision, and contributions add up to the score', async () => {
    const workspace = randomProblem(25, 60, { hyper: { ...HYPER, k: 7 } });
    await trainIals(workspace, teamOf(workspace), { epochs: 3, solver: 'cg' });
    const { start, column, weightMicro } = workspace.viewers.cells;
    const solver = createViewerSolver(publishedFactors(workspace, workspace.films), workspace.hyper);
    const trained = rowsOf(workspace, workspace.viewers);
    for (let u = 0; u < 25; u++) {
      const filmRows = column.subarray(start[u]!, start[u + 1]!);
      const history = { filmRows, weightMicro: weightMicro.subarray(start[u]!, start[u + 1]!) };
      const x = solver.solveViewer(history);
      trained[u]!.forEach((value, j) => expect(Math.abs(value - x[j]!)).toBeLessThan(1e-5));
      const parts = solver.contributions([11], history);
      const sum = parts.reduce((a, b) => a + b, 0);
      expect(Math.abs(sum - solver.score(11, x))).toBeLessThan(1e-9 * Math.max(1, Math.abs(sum)));
      parts.forEach((part, c) => expect(part === 0).toBe(history.weightMicro[c]! < 0));
    }
  });

  test('only negatives, or nothing: zeros', () => {
    const solver = createViewerSolver(Float32Array.from([1, 2, 3, 4]), { ...HYPER, k: 2 });
    expect(Array.from(solver.solveViewer({ filmRows: [1], weightMicro: [-500_000] }))).toEqual([0, 0]);
    expect(Array.from(solver.solveViewer({ filmRows: [], weightMicro: [] }))).toEqual([0, 0]);
  });

  test('by hand: one film y = 1, w = 2: x = 2 / (α₀ + 2 + λ(2 + α₀))', () => {
    const solver = createViewerSolver(Float32Array.from([1]), { k: 1, alpha0: 0.5, lambda: 0.1, nu: 1 });
    const [x] = solver.solveViewer({ filmRows: [0], weightMicro: [2_000_000] });
    expect(x).toBeCloseTo(2 / (0.5 + 2 + 0.1 * 2.5), 14);
  });
});
