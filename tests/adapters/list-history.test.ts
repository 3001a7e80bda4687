import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeList, encodeList, openList } from '../../src/adapters/releases/list-codec.js';
import { item, personal } from '../api/world.js';

const PID = '00000000-0000-4000-8000-000000000001';
const list = personal(PID, [item('f1', 0), item('f2', 6)]);
const index = (filmId: string) => Number(filmId.slice(1));

test('a history comes back by film index and weight, of either sign', () => {
  const cell = fc.record({
    film: fc.nat(1000),
    weightMicro: fc.integer({ min: -3_000_000, max: 3_000_000 }),
    flags: fc.nat(255),
  });
  fc.assert(
    fc.property(fc.array(cell, { maxLength: 80 }), (cells) => {
      const history = cells.map(({ film, ...rest }) => ({ filmId: `f${film}`, ...rest }));
      const packed = openList(encodeList({ ...list, history }, index));
      expect(packed.history()).toEqual(cells);
      expect(packed.length).toBe(2);
    }),
    { numRuns: 40 },
  );
});

test('lists of an earlier version are read, without a history', () => {
  const bytes = encodeList(list, index);
  const earlier = Buffer.concat([Buffer.from([1]), bytes.subarray(1, 8), bytes.subarray(10)]);
  expect(decodeList(PID, earlier)).toEqual(list);
  expect(openList(earlier).history()).toEqual([]);
});
