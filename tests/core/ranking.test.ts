import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { selectTop } from '../../src/core/ranking/select-top.js';

const all = () => true;

describe('selectTop', () => {
  test('best first; ties go to the smaller row', () => {
    expect(selectTop(Float64Array.of(1, 3, 2, 3, 0), all, 4)).toEqual([1, 3, 2, 0]);
  });

  test('only candidates, and never a score that is not a number', () => {
    expect(selectTop(Float64Array.of(1, Number.NaN, 2, 3), (row) => row !== 3, 9)).toEqual([2, 0]);
    expect(selectTop(Float64Array.of(Number.NaN, 1), all, 1)).toEqual([1]);
  });

  test('nothing wanted, nothing there', () => {
    expect(selectTop(Float64Array.of(1), all, 0)).toEqual([]);
    expect(selectTop(new Float64Array(0), all, 5)).toEqual([]);
  });

  test('equals sorting everything', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -3, max: 3 }), { maxLength: 80 }),
        fc.nat(20),
        fc.func(fc.boolean()),
        (values, size, candidate) => {
          const expected = values
            .map((score, row) => ({ score, row }))
            .filter(({ row }) => candidate(row))
            .sort((a, b) => b.score - a.score || a.row - b.row)
            .slice(0, size)
            .map(({ row }) => row);
          expect(selectTop(Float64Array.from(values), candidate, size)).toEqual(expected);
        },
      ),
    );
  });
});
