import { expect, test } from 'vitest';
import { arenaOf, createArena } from '../../src/core/als/arena.js';

test('what was made since a mark is given back: the next arrays get its place, empty as new memory', () => {
  const arena = createArena();
  const kept = arena.float64(3).fill(7);
  const giveBack = arena.mark();
  const first = arena.int32(100_000).fill(5);
  const size = arena.memory.buffer.byteLength;
  for (let n = 0; n < 5; n++) {
    giveBack();
    const next = arena.int32(100_000);
    expect([next.byteOffset, arena.memory.buffer.byteLength]).toEqual([first.byteOffset, size]);
    expect(next.every((value) => value === 0)).toBe(true);
    next.fill(5);
  }
  expect(Array.from(kept)).toEqual([7, 7, 7]);
});

test('a mark of a memory that another arena grew says so', () => {
  const arena = createArena();
  arena.float64(1);
  const giveBack = arena.mark();
  arenaOf(arena.memory).float64(100_000);
  giveBack();
  arena.float64(100_000);
  expect(giveBack).toThrow('the memory was grown by another arena');
});

test('a mark before the first array', () => {
  const arena = createArena();
  const giveBack = arena.mark();
  const { byteOffset } = arena.float64(100_000);
  giveBack();
  expect(arena.float64(10).byteOffset).toBe(byteOffset);
});
