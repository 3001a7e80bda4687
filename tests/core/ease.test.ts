import { describe, expect, test } from 'vitest';
import { createThreads } from '../../src/adapters/threads/crew.js';
import { fitEase } from '../../src/adapters/threads/ease.js';
import { buildCells } from '../../src/core/als/cells.js';
import { type EaseKernel } from '../../src/core/ease/kernels.js';
import { NotInvertible, runEaseUnit, trainEase } from '../../src/core/ease/train.js';
import { EASE_MAX_FILMS, type EaseWorkspace, createEaseWorkspace } from '../../src/core/ease/workspace.js';
import { randomOf } from '../../src/core/random/random.js';
import { referenceEaseKernel } from '../../src/kernels/reference/ease.js';
import { createSimdEaseKernel } from '../../src/kernels/simd/ease.js';
import { listOf, solveDense } from './als-problem.js';

function problem(viewers: number, films: number, lambda: number): EaseWorkspace {
  const random = randomOf('ease', films);
  const cells: [number, number, number][] = [];
  for (let u = 0; u < viewers; u++) {
    for (let i = 0; i < films; i++) if (random.next() % 3 === 0) cells.push([u, i, u % 7 === 6 ? -1e6 : 1e6]);
  }
  return createEaseWorkspace(buildCells(viewers, films, listOf(cells)), lambda);
}

async function fit(workspace: EaseWorkspace, kernel: EaseKernel): Promise<EaseWorkspace> {
  await trainEase(workspace, {
    async run(phase, units) {
      for (let unit = units - 1; unit >= 0; unit--) runEaseUnit(workspace, kernel, phase, unit);
    },
  });
  return workspace;
}

/** B by the formula: P column by column out of (XᵀX + λI) p = e. */
function weightsByDefinition({ films, lambda, byViewer }: EaseWorkspace): number[][] {
  const gram = Array.from({ length: films }, (_, i) =>
    Array.from({ length: films }, (_j, j) => (i === j ? lambda : 0)),
  );
  for (let u = 0; u + 1 < byViewer.start.length; u++) {
    const row = byViewer.column.subarray(byViewer.start[u], byViewer.start[u + 1]);
    for (const i of row) for (const j of row) gram[i]![j]!++;
  }
  const p = gram.map((_, j) =>
    solveDense(
      gram,
      gram.map((_row, i) => Number(i === j)),
    ),
  );
  return gram.map((_, i) => gram.map((_row, j) => (i === j ? 0 : -p[j]![i]! / p[j]![j]!)));
}

const weightOf = ({ matrix, size }: EaseWorkspace, i: number, j: number) => matrix[i * size + j]!;

const bytesOf = ({ matrix }: EaseWorkspace) =>
  Buffer.from(matrix.buffer, matrix.byteOffset, matrix.byteLength);

describe('EASE', () => {
  test('by hand: two films, one viewer of both, one of the first, λ = 1', async () => {
    // XᵀX + I = [3 1; 1 2]: P ∝ [2 −1; −1 3], so B_01 = 1/3 and B_10 = 1/2
    const matrix = buildCells(2, 2, listOf([[0, 0, 1e6], [0, 1, 1e6], [1, 0, 1e6]])); // prettier-ignore
    const workspace = createEaseWorkspace(matrix, 1);
    await fit(workspace, createSimdEaseKernel(workspace.memory));
    expect(weightOf(workspace, 0, 1)).toBeCloseTo(1 / 3, 6);
    expect(weightOf(workspace, 1, 0)).toBeCloseTo(1 / 2, 6);
    expect([weightOf(workspace, 0, 0), weightOf(workspace, 1, 1)]).toEqual([0, 0]);
  });

  test('equals the formula over one sweep; the reference and SIMD agree over three blocks', async () => {
    const small = problem(60, 40, 5);
    await fit(small, createSimdEaseKernel(small.memory));
    const away = weightsByDefinition(small).flatMap((row, i) =>
      row.map((expected, j) => Math.abs(weightOf(small, i, j) - expected)),
    );
    expect(Math.max(...away)).toBeLessThan(1e-5);
    const [one, other] = [problem(100, 260, 20), problem(100, 260, 20)];
    await fit(one, createSimdEaseKernel(one.memory));
    await fit(other, referenceEaseKernel);
    const worst = one.matrix.reduce(
      (most, value, n) => Math.max(most, Math.abs(value - other.matrix[n]!)),
      0,
    );
    expect(worst).toBeLessThan(2e-6);
  });

  test('1 and 3 threads give the same bytes as no thread', async () => {
    const alone = problem(100, 260, 30);
    await fit(alone, createSimdEaseKernel(alone.memory));
    for (const threads of [1, 3]) {
      const workspace = problem(100, 260, 30);
      const shares: number[] = [];
      await fitEase(createThreads(), workspace, { threads, onProgress: (share) => shares.push(share) });
      expect(Buffer.compare(bytesOf(workspace), bytesOf(alone))).toBe(0);
      expect(shares.at(-1)).toBe(1);
    }
  });

  test('what it cannot do is said: too many films, a λ that makes nothing invertible', async () => {
    const many = buildCells(1, EASE_MAX_FILMS + 1, listOf([]));
    expect(() => createEaseWorkspace(many, 1)).toThrow(`${EASE_MAX_FILMS} films at most`);
    const workspace = problem(10, 12, -50);
    await expect(fit(workspace, createSimdEaseKernel(workspace.memory))).rejects.toThrow(NotInvertible);
  });
});
