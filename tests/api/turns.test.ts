import { expect, test } from 'vitest';
import { createTurns } from '../../src/api/turns.js';

test('turns come in the order of asking, each in a round of the event loop of its own, also after a long one', async () => {
  let rounds = 0;
  let isOver = false;
  const count = () => {
    rounds++;
    if (!isOver) setImmediate(count);
  };
  count();
  const turn = createTurns();
  const came: [asked: number, round: number][] = [];
  await Promise.all(
    [1, 2, 3].map(async (asked) => {
      await turn();
      came.push([asked, rounds]);
    }),
  );
  await turn();
  came.push([4, rounds]);
  isOver = true;
  expect(came.map(([asked]) => asked)).toEqual([1, 2, 3, 4]);
  expect(new Set(came.map(([, round]) => round)).size).toBe(4);
});
