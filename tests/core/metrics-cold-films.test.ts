import { expect, test } from 'vitest';
import { coldRecall } from '../../src/core/metrics/cold-films.js';
import { packLists } from '../../src/core/metrics/film-lists.js';

// Films of one number each: 4, 3, 2, 1. The first viewer likes large numbers, the second small ones.
const input = {
  scores: (viewer: number, out: Float64Array) =>
    out.set([4, 3, 2, 1].map((value) => (viewer === 1 ? -value : value))),
  genrePopularity: Float64Array.of(1, 2, 2, 0),
  wanted: packLists([[0, 3], [3], []]),
};

test('recall of what was wanted among the films of the pool, over viewers who wanted any', async () => {
  const visited: number[] = [];
  const found = await coldRecall(
    input,
    () => true,
    2,
    async (viewer) => void visited.push(viewer),
  );
  expect([...found.facts]).toEqual([1 / 2, 1]); // 4 3 holds one of two; 1 2 holds the one
  expect([...found.genrePopularity]).toEqual([0, 0]); // 1 and 2 for everybody: ties to the lower number
  expect(found.pairs).toBe(3);
  expect(visited).toEqual([0, 1]);
});

test('films outside the pool neither count as wanted nor take a place', async () => {
  const found = await coldRecall(
    input,
    (film) => film !== 0,
    1,
    async () => {},
  );
  expect([...found.facts]).toEqual([0, 1]);
  expect(found.pairs).toBe(2);
});
