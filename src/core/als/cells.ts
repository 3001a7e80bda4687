/**
 * Observed cells of a viewer-film matrix, grouped by row (compressed sparse rows), in shared memory.
 * Row r holds entries start[r] … start[r+1]−1, in ascending column order.
 * A weight's sign is its preference: +w·10^6 for p = 1, −w·10^6 for p = 0 (never 0).
 */
export interface Cells {
  rows: number;
  columns: number;
  /** rows + 1 */
  start: Int32Array;
  /** cells */
  column: Int32Array;
  /** cells, signed, in millionths */
  weightMicro: Int32Array;
}

/** Coordinates of cells in any order: parallel arrays, `count` of them in use. */
export interface CellList {
  count: number;
  row: Int32Array;
  column: Int32Array;
  weightMicro: Int32Array;
}

/** Both orientations. The same cells in another order give the same bytes. Throws on a repeated cell or a weight of 0. */
export function buildCells(rows: number, columns: number, list: CellList): { byRow: Cells; byColumn: Cells } {
  const unordered = groupByRow(rows, columns, list);
  const byColumn = transpose(unordered);
  const byRow = transpose(byColumn);
  refuseBadCells(byRow);
  return { byRow, byColumn };
}

/** Counting sort by column; as rows are read in order, each new row is ascending. */
export function transpose(cells: Cells): Cells {
  const out = allocate(cells.columns, cells.rows, cells.column.length);
  countInto(out.start, cells.column, cells.column.length);
  const next = out.start.slice();
  for (let r = 0; r < cells.rows; r++) {
    for (let c = cells.start[r]!; c < cells.start[r + 1]!; c++) {
      const at = next[cells.column[c]!]!++;
      out.column[at] = r;
      out.weightMicro[at] = cells.weightMicro[c]!;
    }
  }
  return out;
}

export function sharedInt32(length: number): Int32Array {
  return new Int32Array(new SharedArrayBuffer(length * 4));
}

export function sharedFloat64(length: number): Float64Array {
  return new Float64Array(new SharedArrayBuffer(length * 8));
}

function groupByRow(rows: number, columns: number, { count, row, column, weightMicro }: CellList): Cells {
  const out = allocate(rows, columns, count);
  countInto(out.start, row, count);
  const next = out.start.slice();
  for (let c = 0; c < count; c++) {
    const at = next[row[c]!]!++;
    out.column[at] = column[c]!;
    out.weightMicro[at] = weightMicro[c]!;
  }
  return out;
}

function allocate(rows: number, columns: number, cells: number): Cells {
  return {
    rows,
    columns,
    start: sharedInt32(rows + 1),
    column: sharedInt32(cells),
    weightMicro: sharedInt32(cells),
  };
}

/** start[r] = how many keys are below r. */
function countInto(start: Int32Array, keys: Int32Array, count: number): void {
  const groups = start.length - 1;
  for (let c = 0; c < count; c++) {
    const key = keys[c]!;
    if (key < 0 || key >= groups)
      throw new RangeError(`cell ${c} has index ${key}, expected 0 … ${groups - 1}`);
    start[key + 1]!++;
  }
  for (let r = 0; r < groups; r++) start[r + 1]! += start[r]!;
}

function refuseBadCells({ rows, start, column, weightMicro }: Cells): void {
  for (let r = 0; r < rows; r++) {
    for (let c = start[r]!; c < start[r + 1]!; c++) {
      if (weightMicro[c] === 0)
        throw new RangeError(`cell (${r}, ${column[c]}) has weight 0; leave it out instead`);
      if (c > start[r]! && column[c] === column[c - 1])
        throw new RangeError(`cell (${r}, ${column[c]}) is there twice; expected once`);
    }
  }
}
