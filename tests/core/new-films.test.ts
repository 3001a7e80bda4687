import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { holdNewFilms, mergeNewFilms, placesForNew } from '../../src/core/ranking/new-films.js';
import { selectTop } from '../../src/core/ranking/select-top.js';

/** The list by (score, row), of candidates that still have a score. */
function listOf(given: number[], known: number, size: number, perTwenty: number, closed: number[] = []) {
  const scores = Float64Array.from(given);
  const isCandidate = (row: number) => !closed.includes(row);
  holdNewFilms(scores, (row) => row >= known, isCandidate, { size, perTwenty });
  return selectTop(scores, (row) => isCandidate(row) && scores[row]! > -Infinity, size);
}

describe('places of new films', () => {
  test('one place of five: the best is behind four others, the second behind eight', () => {
    const others = [9, 8, 7, 6, 5, 4, 3, 2, 1, 0];
    expect(listOf([...others, 20, 10], 10, 12, 4)).toEqual([0, 1, 2, 3, 10, 4, 5, 6, 7, 11, 8, 9]);
  });

  test('a score that is lower than the place allows stays where it is', () => {
    expect(listOf([9, 8, 7, 6, 5, 4, 4.5], 6, 7, 4)).toEqual([0, 1, 2, 3, 4, 6, 5]);
  });

  test('too few others before it: no place; a film that may not be shown gives its place to the next', () => {
    expect(listOf([3, 2, 1, 9], 3, 5, 4)).toEqual([0, 1, 2]);
    expect(listOf([9, 8, 7, 6, 5, 20, 10], 5, 6, 4, [5])).toEqual([0, 1, 2, 3, 6, 4]);
  });

  test('none of twenty: none; all of twenty: by score alone', () => {
    expect(listOf([3, 2, 1, 9], 3, 4, 0)).toEqual([0, 1, 2]);
    expect(listOf([3, 2, 1, 9], 3, 4, 20)).toEqual([3, 0, 1, 2]);
  });

  test('of the first p places never more than p·q/20, and nobody else is moved', () => {
    const score = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.double({ min: -3, max: 3, noNaN: true }));
    fc.assert(
      fc.property(
        fc.array(score, { maxLength: 60 }),
        fc.array(score, { maxLength: 30 }),
        fc.integer({ min: 0, max: 20 }),
        fc.integer({ min: 1, max: 50 }),
        (others, fresh, perTwenty, size) => {
          const list = listOf([...others, ...fresh], others.length, size, perTwenty);
          let count = 0;
          list.forEach((row, at) => {
            if (row >= others.length) count++;
            expect(count).toBeLessThanOrEqual(((at + 1) * perTwenty) / 20);
          });
          const all = Float64Array.from([...others, ...fresh]);
          const best = (isWanted: (row: number) => boolean, most: number) => {
            const rows = selectTop(all, isWanted, most);
            return { rows, total: rows.map((row) => all[row]!) };
          };
          const merged = mergeNewFilms(
            best((row) => row < others.length, size),
            best((row) => row >= others.length, placesForNew(size, perTwenty)),
            { size, perTwenty },
          );
          expect(merged).toEqual({ rows: list, total: list.map((row) => all[row]) });
          const known = list.filter((row) => row < others.length);
          const alone = listOf(others, others.length, size, perTwenty);
          expect(known).toEqual(alone.slice(0, known.length));
        },
      ),
    );
  });
});
