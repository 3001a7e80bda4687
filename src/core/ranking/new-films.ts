import { selectTop } from './select-top.js';

/** The unit that the quota counts in (science I.2: 4 of 20). */
const PLACES = 20;

/**
 * New films are films that too few people know yet for factors of their own: their scores come from facts. They compete with
 * the others by score, but of the first p places of a list, for every p, they get at most p·perTwenty/20. So the n-th best
 * new film needs ⌈20n/perTwenty⌉ − n others before it. Returns what each of `fresh` counts as: its score, or just below the
 * last of these others, or −Infinity when there are not so many. Both best first.
 */
export function heldScores(others: ArrayLike<number>, fresh: readonly number[], perTwenty: number): number[] {
  return fresh.map((score, n) => {
    const before = Math.ceil((PLACES * (n + 1)) / perTwenty) - (n + 1);
    if (before === 0) return score;
    const last = others[before - 1];
    return last === undefined ? -Infinity : Math.min(score, justBelow(last));
  });
}

/** New films that a list of `size` has places for. */
export function placesForNew(size: number, perTwenty: number): number {
  return Math.floor((size * perTwenty) / PLACES);
}

/** The same for scores of all films in place: new films beyond the quota of a list of `size` count as −Infinity. */
export function holdNewFilms(
  scores: Float64Array,
  isNew: (row: number) => boolean,
  isCandidate: (row: number) => boolean,
  { size, perTwenty }: { size: number; perTwenty: number },
): void {
  const fresh = selectTop(scores, (row) => isNew(row) && isCandidate(row), placesForNew(size, perTwenty));
  const others = selectTop(scores, (row) => !isNew(row) && isCandidate(row), size);
  const of = (rows: number[]) => rows.map((row) => scores[row]!);
  const held = heldScores(of(others), of(fresh), perTwenty);
  for (let row = 0; row < scores.length; row++) if (isNew(row)) scores[row] = -Infinity;
  fresh.forEach((row, n) => (scores[row] = held[n]!));
}

/** Two lists of (row, score), best first, as one of `size`; new films at their quota. Scores stay what they are. */
export function mergeNewFilms(
  others: RankedRows,
  fresh: RankedRows,
  { size, perTwenty }: { size: number; perTwenty: number },
): RankedRows {
  if (fresh.rows.length === 0) return others;
  const held = heldScores(others.total, fresh.total, perTwenty);
  const all = [
    ...others.rows.map((row, n) => ({ row, total: others.total[n]!, counts: others.total[n]! })),
    ...fresh.rows.map((row, n) => ({ row, total: fresh.total[n]!, counts: held[n]! })),
  ]
    .filter(({ counts }) => counts > -Infinity)
    .sort((a, b) => b.counts - a.counts || a.row - b.row)
    .slice(0, size);
  return { rows: all.map(({ row }) => row), total: all.map(({ total }) => total) };
}
export interface RankedRows {
  rows: readonly number[];
  total: readonly number[];
}

/** Less than `value` by a rounding error. */
function justBelow(value: number): number {
  return value - Math.max(Math.abs(value) * 2 ** -52, Number.MIN_VALUE);
}
