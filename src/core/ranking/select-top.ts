/**
 * The `size` best candidates by (score desc, row asc). Rows are in ascending id order, so that ties go to the smaller id.
 * `scores` and `isCandidate`: one entry per row. A score that is not a number is never selected.
 */
export function selectTop(
  scores: Float64Array,
  isCandidate: (row: number) => boolean,
  size: number,
): number[] {
  const rows: number[] = [];
  for (let row = 0; row < scores.length; row++) {
    const score = scores[row]!;
    if (rows.length === size && !(score > scores[rows[size - 1]!]!)) continue;
    if (Number.isNaN(score) || !isCandidate(row)) continue;
    if (rows.length === size) rows.pop();
    rows.splice(placeOf(scores, rows, score), 0, row);
  }
  return rows;
}

/** Behind every row of the same or a better score: later rows have larger ids. */
function placeOf(scores: Float64Array, rows: number[], score: number): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (scores[rows[middle]!]! >= score) low = middle + 1;
    else high = middle;
  }
  return low;
}
