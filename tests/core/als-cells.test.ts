import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Cells, buildCells, buildCellsInSteps, createCellList } from '../../src/core/als/cells.js';
import { listOf } from './als-problem.js';

const triples = ({ rows, start, column, weightMicro }: Cells) =>
  Array.from({ length: rows }, (_, r) =>
    Array.from({ length: start[r + 1]! - start[r]! }, (_, n) => {
      const c = start[r]! + n;
      return [r, column[c]!, weightMicro[c]!];
    }),
  ).flat();

describe('cells', () => {
  test('both orientations of a small matrix', () => {
    const { byRow, byColumn } = buildCells(3, 2, listOf([[2, 1, 7], [0, 1, -5], [2, 0, 9]])); // prettier-ignore
    expect(triples(byRow)).toEqual([[0, 1, -5], [2, 0, 9], [2, 1, 7]]); // prettier-ignore
    expect(triples(byColumn)).toEqual([[0, 2, 9], [1, 0, -5], [1, 2, 7]]); // prettier-ignore
  });

  test('any order of the same cells gives the same arrays', () => {
    const cell = fc.tuple(fc.nat(7), fc.nat(5), fc.integer({ min: 1, max: 9 }));
    const unique = fc.uniqueArray(cell, { selector: ([row, column]) => row * 10 + column, maxLength: 40 });
    const shuffled = unique.chain((cells) =>
      fc.tuple(fc.constant(cells), fc.shuffledSubarray(cells, { minLength: cells.length })),
    );
    fc.assert(
      fc.property(shuffled, ([cells, other]) => {
        const [one, two] = [buildCells(8, 6, listOf(cells)), buildCells(8, 6, listOf(other))];
        expect([two.byRow, two.byColumn]).toEqual([one.byRow, one.byColumn]);
      }),
    );
  });

  test('stops between half a million cells and the next, wherever it is', () => {
    const [rows, columns, count] = [1009, 1200, 1_100_000];
    const list = () => {
      const cells = createCellList(count);
      for (let n = 0; n < count; n++) {
        const at = (n * 7919) % (rows * columns); // every cell once, in no order
        cells.row[n] = at % rows;
        cells.column[n] = Math.floor(at / rows);
        cells.weightMicro[n] = 1 + at;
      }
      cells.count = count;
      return cells;
    };
    const steps = buildCellsInSteps(rows, columns, list());
    let stops = 0;
    for (;;) {
      const step = steps.next();
      if (step.done === true) {
        const { byRow, byColumn } = buildCells(rows, columns, list());
        const same = (a: Int32Array, b: Int32Array) => a.every((value, n) => value === b[n]);
        expect(same(step.value.byRow.column, byRow.column)).toBe(true);
        expect(same(step.value.byColumn.weightMicro, byColumn.weightMicro)).toBe(true);
        break;
      }
      stops++;
    }
    expect(stops).toBeGreaterThanOrEqual(2 * 6); // twice in each of six passes
  });

  test.each([
    ['a repeated cell', [[1, 1, 5], [0, 0, 1], [1, 1, 6]], 'cell (1, 1) is there twice'], // prettier-ignore
    ['a weight of 0', [[1, 0, 0]], 'cell (1, 0) has weight 0'],
    ['a row out of range', [[2, 0, 1]], 'index 2, expected 0 … 1'],
  ] as [string, [number, number, number][], string][])('%s is refused', (_name, cells, message) => {
    expect(() => buildCells(2, 2, listOf(cells))).toThrow(message);
  });
});
