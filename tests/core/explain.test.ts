import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Evidence, formulaReason, reasonOf } from '../../src/core/explain/reason.js';
import { createViewerSolver } from '../../src/core/als/solve-viewer.js';

const hyper = { k: 8, alpha0: 0.3, lambda: 0.007, nu: 1 };

describe('the viewer half-step', () => {
  const factor = fc.double({ min: -1, max: 1, noNaN: true }).map(Math.fround);
  const films = 12;
  const world = fc.record({
    factors: fc.array(factor, { minLength: films * hyper.k, maxLength: films * hyper.k }),
    cells: fc.uniqueArray(
      fc.record({
        row: fc.nat(films - 1),
        micro: fc.integer({ min: 1, max: 3_000_000 }),
        isPositive: fc.boolean(),
      }),
      { selector: (cell) => cell.row, maxLength: 8 },
    ),
  });
  const historyOf = (cells: { row: number; micro: number; isPositive: boolean }[]) => {
    const sorted = [...cells].sort((a, b) => a.row - b.row);
    return {
      filmRows: sorted.map((cell) => cell.row),
      weightMicro: sorted.map((cell) => (cell.isPositive ? cell.micro : -cell.micro)),
    };
  };

  test('by hand, k = 1: A = .3(1+4) + 2·1 + .01(2+.3·2) = 3.526, x = 2/3.526', () => {
    const solver = createViewerSolver(Float32Array.of(1, 2), { k: 1, alpha0: 0.3, lambda: 0.01, nu: 1 });
    const [x] = solver.solveViewer({ filmRows: [0], weightMicro: [2_000_000] });
    expect(x).toBeCloseTo(2 / 3.526, 12);
  });

  test('solves A x = b', () => {
    fc.assert(
      fc.property(world, ({ factors, cells }) => {
        const y = Float32Array.from(factors);
        const history = historyOf(cells);
        const x = createViewerSolver(y, hyper).solveViewer(history);
        const rowOf = (i: number) => Array.from(y.subarray(i * hyper.k, (i + 1) * hyper.k));
        const dot = (a: ArrayLike<number>, b: ArrayLike<number>) =>
          Array.from(a).reduce((sum, v, j) => sum + v * (b[j] ?? 0), 0);
        const mass = history.weightMicro.reduce((sum, w) => sum + Math.abs(w) / 1e6, 0);
        const residual = Array.from(x, (v) => hyper.lambda * (mass + hyper.alpha0 * films) * v);
        const add = (w: number, row: number[]) =>
          row.forEach((v, j) => (residual[j] = (residual[j] ?? 0) + w * v));
        for (let i = 0; i < films; i++) add(hyper.alpha0 * dot(rowOf(i), x), rowOf(i));
        history.filmRows.forEach((row, c) => {
          const signed = (history.weightMicro[c] ?? 0) / 1e6;
          add(Math.abs(signed) * dot(rowOf(row), x) - Math.max(signed, 0), rowOf(row));
        });
        for (const r of residual) expect(Math.abs(r)).toBeLessThan(1e-9);
      }),
      { numRuns: 50 },
    );
  });

  test('contributions add up to the score to 1e-9, and negatives have no term of their own', () => {
    fc.assert(
      fc.property(world, ({ factors, cells }) => {
        const solver = createViewerSolver(Float32Array.from(factors), hyper);
        const history = historyOf(cells);
        const x = solver.solveViewer(history);
        const cellCount = history.filmRows.length;
        const all = solver.contributions(
          Array.from({ length: films }, (_, film) => film),
          history,
        );
        for (let film = 0; film < films; film++) {
          const out = all.subarray(film * cellCount, (film + 1) * cellCount);
          const score = solver.score(film, x);
          const sum = out.reduce((total, c) => total + c, 0);
          expect(Math.abs(sum - score)).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(score)));
          history.weightMicro.forEach((w, c) => {
            if (w < 0) expect(out[c]).toBe(0);
          });
        }
      }),
      { numRuns: 50 },
    );
  });

  test('a viewer without positives is nowhere', () => {
    const solver = createViewerSolver(
      Float32Array.from({ length: 16 }, (_, i) => i),
      hyper,
    );
    expect([...solver.solveViewer({ filmRows: [1], weightMicro: [-500_000] })]).toEqual(Array(8).fill(0));
  });
});

describe('reasons', () => {
  const rule = { reasonFactor: 2, maxReasons: 2 };
  const seen = (filmId: string, contribution: number, more: Partial<Evidence> = {}): Evidence => ({
    filmId,
    title: filmId.toUpperCase(),
    genres: ['Drama'],
    kind: 'watched',
    contribution,
    isCitable: true,
    ...more,
  });

  test('films of at least twice the mean positive contribution, the strongest two', () => {
    // mean of the positive ones = (10 + 9 + 9 + 1 + 1) / 5 = 6: nothing reaches 12, so the genre speaks
    expect(
      reasonOf(
        ['Drama'],
        [10, 9, 9, 1, 1].map((c, i) => seen(`f${i}`, c)),
        rule,
      ),
    ).toEqual({
      kind: 'genre',
      text: 'Because you like Drama',
      movieIds: [],
    });
    // mean = 30 / 7 = 4.3: 12 and 9 reach 8.6, 5 does not; what is not positive does not lower the mean
    const strong = [12, 9, 5, 1, 1, 1, 1, 0.0, -50].map((c, i) => seen(`f${i}`, c));
    expect(reasonOf([], strong, rule)).toEqual({
      kind: 'watched',
      text: 'Because you watched F0 and F1',
      movieIds: ['f0', 'f1'],
    });
  });

  test('names what the viewer did, for each film', () => {
    const few = [1, 1, 1, 1, 1].map((c, i) => seen(`x${i}`, c));
    expect(
      reasonOf([], [seen('a', 20, { kind: 'liked' }), seen('b', 18, { kind: 'rated' }), ...few], rule).text,
    ).toBe('Because you liked A and rated B');
    expect(reasonOf([], [seen('a', 20, { kind: 'saved' }), ...few], rule)).toMatchObject({
      kind: 'saved',
      text: 'Because you saved A',
    });
  });

  test('never a film that may not be named', () => {
    const few = [1, 1, 1, 1].map((c, i) => seen(`x${i}`, c));
    const adult = seen('adult', 30, { isCitable: false, genres: ['Horror'] });
    const reason = reasonOf(['Drama'], [adult, ...few], rule);
    expect(reason).toEqual({ kind: 'genre', text: 'Because you like Drama', movieIds: [] });
  });

  const sharesOf = (...shares: number[]) => shares.map((c, i) => seen(`f${i}`, c));

  test('one or two films could never reach twice their mean: who has half of it all is cited', () => {
    expect(reasonOf(['Drama'], [seen('a', 0.5)], rule).movieIds).toEqual(['a']);
    expect(reasonOf(['Drama'], [seen('a', 0.5), seen('b', 0.6)], rule).movieIds).toEqual(['b']);
    expect(reasonOf(['Drama'], sharesOf(0.5, 0.5), rule).movieIds).toEqual(['f0', 'f1']);
  });

  test('of three films, twice the mean is two thirds of the score: half of it is enough', () => {
    expect(reasonOf(['Western'], sharesOf(0.57, 0.33, 0.1), rule).movieIds).toEqual(['f0']);
    expect(reasonOf(['Western'], sharesOf(0.65, 0.2, 0.15), rule).movieIds).toEqual(['f0']);
    // what speaks against the film is no part of what speaks for it: .57 of 1.00
    expect(reasonOf([], sharesOf(0.57, 0.33, 0.1, -0.4), rule).movieIds).toEqual(['f0']);
  });

  test('where it is spread over them, the genre speaks', () => {
    expect(reasonOf(['Drama'], sharesOf(0.45, 0.35, 0.2), rule).movieIds).toEqual([]);
    expect(reasonOf(['Drama'], sharesOf(0.49, 0.49, 0.02), rule).text).toBe('Because you like Drama');
    expect(reasonOf(['Drama'], sharesOf(0.3, 0.3, 0.25, 0.15), rule).movieIds).toEqual([]);
  });

  test('the rest is no reason where the film that has most of the score may not be named', () => {
    const [most, rest] = [seen('adult', 0.9, { isCitable: false }), seen('x', 0.1)];
    expect(reasonOf(['Drama'], [most, rest], rule).text).toBe('Because you like Drama');
  });

  test('a factor that is never reached leaves those with half', () => {
    const strict = { reasonFactor: 50, maxReasons: 2 };
    expect(reasonOf([], sharesOf(6, 3, 1, 1), strict).movieIds).toEqual(['f0']); // 6 of 11
    expect(reasonOf([], sharesOf(5, 3, 2, 1), strict).movieIds).toEqual([]); // 5 of 11
  });

  test('the genre is one of the film when it can be, else the strongest of all', () => {
    const history = [
      seen('a', 3, { genres: ['War'] }),
      seen('b', 2, { genres: ['Film-Noir'] }),
      seen('c', 2, { genres: ['Crime'] }),
    ];
    expect(reasonOf(['Crime', 'Film-Noir'], history, rule).text).toBe('Because you like Crime');
    expect(reasonOf(['Musical'], history, rule).text).toBe('Because you like War');
  });

  test('with no genre known and nothing to name it still says something true', () => {
    const hidden = [1, 1, 1].map((c, i) => seen(`x${i}`, c, { isCitable: false, genres: [] }));
    expect(reasonOf([], hidden, rule)).toMatchObject({ text: 'Because it fits your taste', movieIds: [] });
  });

  test('formula items are popular or new', () => {
    const film = { isNew: false, isPopular: false, votes: 3 };
    expect(formulaReason({ ...film, isNew: true, votes: 0 }).kind).toBe('new');
    expect(formulaReason(film)).toEqual({ kind: 'popular', text: 'Popular', movieIds: [] });
    expect(formulaReason({ ...film, isPopular: true, isNew: true }).text).toBe('Popular now');
  });
});
