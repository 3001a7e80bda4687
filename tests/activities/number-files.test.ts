import { expect, test } from 'vitest';
import { bytesOf, notFiniteIn, sha256InTurns } from '../../src/activities/number-files.js';
import { sha256 } from '../../src/core/identity/hash.js';

test.each([0, 3, 2 ** 18, 2 ** 18 + 1])('%d numbers: the hash of all bytes, by turns', async (length) => {
  const numbers = Float32Array.from({ length }, (_, n) => n / 7);
  expect(await sha256InTurns(bytesOf(numbers))).toBe(sha256(new Uint8Array(numbers.buffer)));
});

test('numbers of a part of a memory that threads share', async () => {
  const part = new Float32Array(new SharedArrayBuffer(40), 8, 3).fill(2);
  expect(await sha256InTurns(bytesOf(part))).toBe(sha256(new Uint8Array(Float32Array.of(2, 2, 2).buffer)));
});

test('what is not finite is counted at either end of a turn', async () => {
  const numbers = new Float32Array(2 ** 18 + 2);
  for (const at of [0, 2 ** 18 - 1, 2 ** 18, 2 ** 18 + 1]) numbers[at] = Number.NaN;
  numbers[5] = Number.NEGATIVE_INFINITY;
  expect(await notFiniteIn(numbers)).toBe(5);
});
