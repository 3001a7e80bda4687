import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { buildCells } from '../../src/core/als/cells.js';
import { type FilmFacts, filmFeatures } from '../../src/core/als/film-features.js';
import type { AlsKernel } from '../../src/core/als/kernels.js';
import { runUnit, soloTeam, unitsOf } from '../../src/core/als/phases.js';
import { priorFactors } from '../../src/core/als/prior.js';
import { startFilms } from '../../src/core/als/start.js';
import { trainIals } from '../../src/core/als/train.js';
import { type Workspace, createWorkspace } from '../../src/core/als/workspace.js';
import { below, randomOf } from '../../src/core/random/random.js';
import { createReferenceKernel } from '../../src/kernels/reference/kernel.js';
import { createScalarKernel } from '../../src/kernels/scalar/kernel.js';
import { createSimdKernel } from '../../src/kernels/simd/kernel.js';
import { cellOf, listOf, rowsOf, solveDense } from './als-problem.js';

const NOTHING: FilmFacts = {
  genres: [],
  actors: [],
  directors: [],
  countries: [],
  languages: [],
  year: null,
  runtimeMin: null,
  certificates: {},
};
const filmOf = (facts: Partial<FilmFacts>): FilmFacts => ({ ...NOTHING, ...facts });

/** Each of two names of a kind. */
const HALF = 1 / Math.sqrt(2);

/** f of one film by name. */
function namedRow(films: FilmFacts[], film: number): Record<string, number> {
  const { names, start, feature, value } = filmFeatures(films);
  const row: Record<string, number> = {};
  for (let c = start[film]!; c < start[film + 1]!; c++) row[names[feature[c]!]!] = value[c]!;
  return row;
}

describe('features of films', () => {
  test('each kind weighs 1 altogether; every film is a film', () => {
    const film = filmOf({
      genres: ['War', 'Comedy', 'War'],
      year: 1944,
      runtimeMin: 99,
      countries: ['FR'], // of one film: nothing to learn from
    });
    expect(namedRow([film, NOTHING], 0)).toEqual({
      film: 1,
      'genre War': HALF,
      'genre Comedy': HALF,
      'decade 1940': 1,
      'runtime below 100': 1,
    });
    expect(namedRow([film, NOTHING], 1)).toEqual({ film: 1 });
  });

  test('people of five titles have a feature of their own; the others share 128 buckets', () => {
    const films = Array.from({ length: 5 }, (_, n) => filmOf({ actors: ['Often', `Once ${n}`] }));
    const row = namedRow(films, 0);
    expect(row['actor Often']).toBeCloseTo(HALF, 12);
    const [bucket] = Object.keys(row).filter((name) => name.startsWith('actor #'));
    expect(Number(bucket!.slice(8))).toBeLessThan(128);
    expect(namedRow(films.slice(1), 0)['actor Often']).toBeUndefined(); // of four titles
  });

  test('names of other kinds than people that are rare are left out, by scheme for certificates', () => {
    const films = Array.from({ length: 6 }, (_, n) =>
      filmOf({ languages: [n < 5 ? 'bn' : 'ja'], certificates: { MPA: ['R'], BBFC: n === 0 ? ['18'] : [] } }),
    );
    expect(namedRow(films, 0)).toEqual({ film: 1, 'language bn': 1, 'certificate MPA R': HALF });
    expect(namedRow(films, 5)).toEqual({ film: 1, 'certificate MPA R': 1 });
  });
});

interface Sketch {
  viewers: number;
  /** Genres of each film, and whether anybody may have seen it. */
  films: { genres: string[]; isSeen: boolean }[];
  seed: number;
  gamma: number;
  /** Weight of every cell, in millionths. */
  weight?: number;
}
const HYPER = { k: 5, alpha0: 0.3, lambda: 0.05, nu: 1 };

function workspaceOf({ viewers, films, seed, gamma, weight }: Sketch): Workspace {
  const random = randomOf('prior-problem', seed);
  const cells: [number, number, number][] = [];
  for (let u = 0; u < viewers; u++) {
    films.forEach(({ isSeen }, i) => {
      if (isSeen && below(random, 3) === 0)
        cells.push([u, i, weight ?? (below(random, 5) === 0 ? -1 : 1) * (1 + below(random, 2_000_000))]);
    });
  }
  const { arena, byRow, byColumn } = buildCells(viewers, films.length, listOf(cells));
  const features = filmFeatures(films.map(({ genres }) => filmOf({ genres })));
  const workspace = createWorkspace({ arena, byViewer: byRow, byFilm: byColumn }, HYPER, { features, gamma });
  startFilms(
    workspace,
    films.map((_, i) => `film-${i}`),
    { seed, initSd: 0.1 },
  );
  return workspace;
}
const simd = ({ memory, hyper }: Workspace): AlsKernel => createSimdKernel(memory, hyper.k);
const train = (workspace: Workspace, kernel = simd(workspace), epochs = 4) =>
  trainIals(workspace, soloTeam(workspace, kernel), { epochs, solver: 'cg' });

const sketches: fc.Arbitrary<Sketch> = fc.record({
  viewers: fc.integer({ min: 1, max: 20 }),
  films: fc.array(
    fc.record({ genres: fc.subarray(['A', 'B', 'C', 'D']), isSeen: fc.boolean() }),
    { minLength: 1, maxLength: 20 }, // prettier-ignore
  ),
  seed: fc.nat(1000),
  gamma: fc.constantFrom(0.01, 1, 30),
});
const TWO_KINDS: Sketch = {
  viewers: 30,
  films: Array.from({ length: 24 }, (_, i) => ({ genres: [i % 2 === 0 ? 'A' : 'B'], isSeen: i < 20 })),
  seed: 3,
  gamma: 1,
};

/** f_i of every film as a dense row. */
function denseFeatures({ prior, films }: Workspace): number[][] {
  const { rows, features } = prior!;
  return Array.from({ length: films.cells.rows }, (_, i) => {
    const f = Array.from({ length: features }, () => 0);
    for (let c = rows.start[i]!; c < rows.start[i + 1]!; c++) f[rows.feature[c]!] = rows.value[c]!;
    return f;
  });
}
const dot = (a: number[], b: number[]) => a.reduce((sum, x, j) => sum + x * b[j]!, 0);

/** B by its definition, a dense ridge regression of each column: (FᵀDF + γI)⁻¹FᵀDy. */
function regression(workspace: Workspace, j: number): number[] {
  const { films, prior } = workspace;
  const f = denseFeatures(workspace);
  const mean = films.ridge.reduce((sum, l) => sum + l, 0) / films.ridge.length;
  const d = Array.from(films.ridge, (lambda) => lambda / mean);
  const y = rowsOf(workspace, films).map((row) => row[j]!);
  const count = prior!.features;
  const a = Array.from({ length: count }, (_, p) =>
    Array.from({ length: count }, (__, q) =>
      f.reduce((sum, row, i) => sum + d[i]! * row[p]! * row[q]!, p === q ? prior!.gamma : 0),
    ),
  );
  return solveDense(
    a,
    Array.from({ length: count }, (_, p) => f.reduce((sum, row, i) => sum + d[i]! * row[p]! * y[i]!, 0)),
  );
}

/** L with the prior's terms, cell by cell. */
function lossByDefinition(workspace: Workspace): number {
  const { viewers, films, prior, hyper } = workspace;
  const f = denseFeatures(workspace);
  const b = Array.from({ length: hyper.k }, (_, j) =>
    Array.from(prior!.coefficients.subarray(j * prior!.features, (j + 1) * prior!.features)),
  );
  const mean = films.ridge.reduce((sum, l) => sum + l, 0) / films.ridge.length;
  let loss = prior!.gamma * mean * b.flat().reduce((sum, value) => sum + value * value, 0);
  const y = rowsOf(workspace, films);
  rowsOf(workspace, viewers).forEach((x, u) => {
    loss += viewers.ridge[u]! * dot(x, x);
    y.forEach((yi, i) => {
      const cell = cellOf(workspace, u, i);
      loss += hyper.alpha0 * dot(x, yi) ** 2 + (cell === null ? 0 : cell.w * (cell.p - dot(x, yi)) ** 2);
    });
  });
  y.forEach((yi, i) => {
    const away = yi.map((value, j) => value - dot(b[j]!, f[i]!));
    loss += films.ridge[i]! * dot(away, away);
  });
  return loss;
}

describe('the content prior', () => {
  test('B is the weighted ridge regression of the factors on the facts', () => {
    fc.assert(
      fc.property(sketches, (sketch) => {
        const workspace = workspaceOf(sketch);
        for (const phase of ['preparePrior', 'fitPrior'] as const) {
          for (let unit = 0; unit < unitsOf(phase, workspace); unit++)
            runUnit(workspace, simd(workspace), phase, unit);
        }
        const { coefficients, features } = workspace.prior!;
        for (let j = 0; j < HYPER.k; j++) {
          const own = [...coefficients.subarray(j * features, (j + 1) * features)];
          const expected = regression(workspace, j);
          for (const f of denseFeatures(workspace)) expect(dot(f, own)).toBeCloseTo(dot(f, expected), 8);
        }
      }),
      { numRuns: 15, endOnFailure: true },
    );
  });

  test('a film that nobody rated is exactly its prior, as a film is that the training did not know', async () => {
    await fc.assert(
      fc.asyncProperty(sketches, async (sketch) => {
        const workspace = workspaceOf(sketch);
        await train(workspace);
        const expected = priorFactors(workspace.prior!, workspace.prior!.rows);
        const { start } = workspace.films.cells;
        rowsOf(workspace, workspace.films).forEach((y, i) => {
          if (start[i] !== start[i + 1]) return;
          expect(y).toEqual(Array.from(expected.subarray(i * HYPER.k, (i + 1) * HYPER.k)));
        });
      }),
      { numRuns: 15 },
    );
  });

  test('an unrated film points where the films of its kind point', async () => {
    // viewers of one half see films of kind A, the others of kind B
    const films = TWO_KINDS.films;
    const cells = Array.from({ length: 30 }, (_, u) =>
      films.flatMap(({ isSeen }, i): [number, number, number][] =>
        isSeen && i % 2 === u % 2 && (u + i) % 3 !== 0 ? [[u, i, 1_000_000]] : [],
      ),
    ).flat();
    const { arena, byRow, byColumn } = buildCells(30, films.length, listOf(cells));
    const features = filmFeatures(films.map(({ genres }) => filmOf({ genres })));
    const content = { features, gamma: 1 };
    const workspace = createWorkspace({ arena, byViewer: byRow, byFilm: byColumn }, HYPER, content);
    startFilms(workspace, films.map((_, i) => `f${i}`), { seed: 1, initSd: 0.1 }); // prettier-ignore
    await train(workspace);
    const x = rowsOf(workspace, workspace.viewers);
    const y = rowsOf(workspace, workspace.films);
    for (const u of [0, 1])
      expect(dot(x[u]!, y[20 + u]!)).toBeGreaterThan(2 * Math.abs(dot(x[u]!, y[21 - u]!)));
  });

  test('the more a film is rated, the less it hears of its prior', async () => {
    const away = async (weight: number) => {
      const own = workspaceOf({ ...TWO_KINDS, weight });
      await train(own, simd(own), 6);
      const alone = workspaceOf({ ...TWO_KINDS, weight, gamma: 1e9 }); // B is as good as zero
      await train(alone, simd(alone), 6);
      const [a, b] = [rowsOf(own, own.films)[0]!, rowsOf(alone, alone.films)[0]!];
      const scores = (w: Workspace, y: number[]) => rowsOf(w, w.viewers).map((x) => dot(x, y));
      const [s, t] = [scores(own, a), scores(alone, b)];
      return Math.hypot(...s.map((score, u) => score - t[u]!)) / Math.hypot(...t);
    };
    const [light, middle, heavy] = [await away(10_000), await away(1_000_000), await away(2_000_000_000)];
    expect(light).toBeGreaterThan(0.2);
    expect(middle).toBeLessThan(light);
    expect(heavy).toBeLessThan(0.05);
  });

  test('the loss of an epoch is L, and B does not let it grow', async () => {
    await fc.assert(
      fc.asyncProperty(sketches, async (sketch) => {
        const workspace = workspaceOf({ ...sketch, films: sketch.films.map((film) => ({ ...film, isSeen: true })) }); // prettier-ignore
        const expected: number[] = [];
        const losses = await trainIals(workspace, soloTeam(workspace, simd(workspace)), {
          epochs: 5,
          solver: 'cg',
          onEpoch: () => void expected.push(lossByDefinition(workspace)),
        });
        losses.forEach((loss, e) => {
          expect(Math.abs(loss - expected[e]!)).toBeLessThan(1e-5 * (1 + Math.abs(expected[e]!)));
          const before = losses[e - 1] ?? Infinity;
          if (workspace.films.cells.start.every((from, i, all) => i === 0 || from > all[i - 1]!))
            expect(loss).toBeLessThanOrEqual(before + 1e-6 * Math.abs(before) + 1e-9);
        });
      }),
      { numRuns: 20, endOnFailure: true },
    );
  });

  test.each([
    ['scalar', (w: Workspace) => createScalarKernel(w.hyper.k)],
    ['simd', simd],
  ])('%s trains to the factors of the reference', async (_name, kernelOf) => {
    const [expected, actual] = [workspaceOf(TWO_KINDS), workspaceOf(TWO_KINDS)];
    await train(expected, createReferenceKernel(HYPER.k));
    await train(actual, kernelOf(actual));
    const theirs = rowsOf(expected, expected.films);
    rowsOf(actual, actual.films).forEach((y, i) => {
      const away = Math.hypot(...y.map((value, j) => value - theirs[i]![j]!));
      expect(away / Math.max(0.01, Math.hypot(...theirs[i]!))).toBeLessThan(1e-3);
    });
  });

  test('stopped after any epoch and resumed, the last one too: the same bytes', async () => {
    const whole = workspaceOf(TWO_KINDS);
    await train(whole);
    for (const last of [2, 4]) {
      const killed = workspaceOf(TWO_KINDS);
      let saved = { films: new Float32Array(), viewers: new Float32Array(), losses: [] as number[] };
      const losses: number[] = [];
      const run = trainIals(killed, soloTeam(killed, simd(killed)), {
        epochs: 4,
        solver: 'cg',
        onEpoch: ({ epoch, loss }) => {
          losses.push(loss);
          saved = {
            films: killed.films.factors.slice(),
            viewers: killed.viewers.factors.slice(),
            losses: [...losses],
          };
          if (epoch === last) throw new Error('killed');
        },
      });
      await expect(run).rejects.toThrow('killed');
      const resumed = workspaceOf(TWO_KINDS);
      resumed.films.factors.set(saved.films);
      resumed.viewers.factors.set(saved.viewers);
      await trainIals(resumed, soloTeam(resumed, simd(resumed)), {
        epochs: 4,
        solver: 'cg',
        losses: saved.losses,
      });
      expect(resumed.films.factors).toEqual(whole.films.factors);
      expect(resumed.prior!.coefficients).toEqual(whole.prior!.coefficients);
      expect(resumed.viewers.factors).toEqual(whole.viewers.factors);
    }
  });
});
