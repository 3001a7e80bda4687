import { expect, test } from 'vitest';
import { buildCells } from '../../src/core/als/cells.js';
import { filmFeatures } from '../../src/core/als/film-features.js';
import { scoresByFacts } from '../../src/core/ease/facts.js';
import { runEaseUnit, trainEase } from '../../src/core/ease/train.js';
import { createEaseWorkspace } from '../../src/core/ease/workspace.js';
import { randomOf } from '../../src/core/random/random.js';
import { itemWeight, tasteInto, type ItemWeights } from '../../src/core/ranking/taste-source.js';
import { createSimdEaseKernel } from '../../src/kernels/simd/ease.js';
import { listOf, solveDense } from './als-problem.js';

const FILMS = 30;
const FRESH = 3;

/** Even films are comedies, odd ones dramas, and liked by different people; two comedies and a drama are new. */
async function fitted() {
  const random = randomOf('ease-facts', 1);
  const cells: [number, number, number][] = [];
  for (let u = 0; u < 80; u++) {
    for (let i = 0; i < FILMS; i++) if (u % 2 === i % 2 && random.next() % 2 === 0) cells.push([u, i, 1e6]);
  }
  const all = filmFeatures(
    Array.from({ length: FILMS + FRESH }, (_, i) => ({
      genres: [(i < FILMS ? i % 2 : Number(i === FILMS + 2)) === 0 ? 'Comedy' : 'Drama'],
      actors: [],
      directors: [],
      countries: [],
      languages: [],
      year: 1950 + 10 * (i % 3),
      runtimeMin: null,
      certificates: {},
    })),
  );
  const { names, start, feature, value } = all;
  const features = { names, start: start.slice(0, FILMS + 1), feature, value };
  const fresh = { start: start.slice(FILMS), feature, value };
  const matrix = buildCells(80, FILMS, listOf(cells));
  const workspace = createEaseWorkspace(matrix, 20, { gamma: 5, features, fresh });
  const kernel = createSimdEaseKernel(workspace.memory);
  await trainEase(workspace, {
    async run(phase, units) {
      for (let unit = 0; unit < units; unit++) runEaseUnit(workspace, kernel, phase, unit);
    },
  });
  const facts = workspace.facts!;
  const items: ItemWeights = {
    kind: 'items',
    weights: workspace.matrix,
    films: FILMS,
    pitch: workspace.size,
    freshWeights: facts.weights,
    fresh: FRESH,
  };
  return { workspace, facts, items, features, fresh };
}

test('columns of new films are the ridge of a viewer’s scores on facts, by the formula', async () => {
  const { workspace, facts, items, features, fresh } = await fitted();
  const liked = [0, 4, 10];
  const taste = new Float64Array(FILMS + FRESH);
  tasteInto(items, liked, taste);

  const scores = Float64Array.from(taste.subarray(0, FILMS));
  for (const row of liked) scores[row]! += 1;
  const byFacts = new Float64Array(FRESH);
  scoresByFacts(facts, scores, fresh, byFacts);
  byFacts.forEach((value, c) => expect(taste[FILMS + c]).toBeCloseTo(value, 5));

  // g = argmin Σ_i d_i (s_i − f_i·g)² + γ‖g‖² by its normal equations, d the likes and one more, of mean 1
  const { start } = workspace.byFilm;
  const likes = Array.from({ length: FILMS }, (_, i) => 1 + start[i + 1]! - start[i]!);
  const mean = likes.reduce((sum, n) => sum + n) / FILMS;
  const rowOf = (rows: typeof fresh, i: number) => {
    const out = features.names.map(() => 0);
    for (let a = rows.start[i]!; a < rows.start[i + 1]!; a++) out[rows.feature[a]!] = rows.value[a]!;
    return out;
  };
  const f = Array.from({ length: FILMS }, (_, i) => rowOf(features, i));
  const normal = features.names.map((_, p) =>
    features.names.map((__, q) =>
      f.reduce((sum, row, i) => sum + (likes[i]! / mean) * row[p]! * row[q]!, p === q ? 5 : 0),
    ),
  );
  const side = features.names.map((_, p) =>
    f.reduce((sum, row, i) => sum + (likes[i]! / mean) * row[p]! * scores[i]!, 0),
  );
  const g = solveDense(normal, side);
  byFacts.forEach((value, c) =>
    expect(value).toBeCloseTo(
      rowOf(fresh, c).reduce((sum, v, p) => sum + v * g[p]!, 0),
      9,
    ),
  );
  expect(Math.min(byFacts[0]!, byFacts[1]!)).toBeGreaterThan(byFacts[2]!); // who likes comedies
});

test('what the films of a history add up to is the score, of new films too, to the bit', async () => {
  const { items } = await fitted();
  const liked = [1, 3, 7, 8];
  const taste = new Float64Array(FILMS + FRESH);
  tasteInto(items, liked, taste);
  for (let row = 0; row < taste.length; row++) {
    expect(liked.reduce((sum, j) => sum + itemWeight(items, j, row), 0)).toBe(taste[row]);
  }
});
