import { type Arena, createArena } from './arena.js';

/**
 * Observed cells of a viewer-film matrix, grouped by row (compressed sparse rows), in an arena.
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

/** Both orientations, and the arena that holds them. */
export interface Matrix {
  arena: Arena;
  byRow: Cells;
  byColumn: Cells;
}

/**
 * Both orientations of a list of cells. The same cells in another order give the same bytes. Throws on a repeated cell or
 * a weight of 0. Takes 16 bytes a cell beside the list: the rows are first filled in any order, and once more from the
 * columns, ascending.
 */
export function buildCells(rows: number, columns: number, list: CellList): Matrix {
  const arena = createArena();
  const byRow = groupByRow(arena, rows, columns, list);
  const byColumn = allocate(arena, columns, rows, list.count);
  transposeInto(byColumn, byRow);
  transposeInto(byRow, byColumn);
  refuseBadCells(byRow);
  return { arena, byRow, byColumn };
}

/** Counting sort by column; as rows are read in order, each new row is ascending. */
function transposeInto(out: Cells, cells: Cells): void {
  out.start.fill(0);
  countInto(out.start, cells.column, cells.column.length);
  const next = out.start.slice();
  for (let r = 0; r < cells.rows; r++) {
    for (let c = cells.start[r]!; c < cells.start[r + 1]!; c++) {
      const at = next[cells.column[c]!]!++;
      out.column[at] = r;
      out.weightMicro[at] = cells.weightMicro[c]!;
    }
  }
}

export function sharedInt32(length: number): Int32Array {
  return new Int32Array(new SharedArrayBuffer(length * 4));
}

export function sharedFloat64(length: number): Float64Array {
  return new Float64Array(new SharedArrayBuffer(length * 8));
}

function groupByRow(
  arena: Arena,
  rows: number,
  columns: number,
  { count, row, column, weightMicro }: CellList,
): Cells {
  const out = allocate(arena, rows, columns, count);
  countInto(out.start, row, count);
  const next = out.start.slice();
  for (let c = 0; c < count; c++) {
    const at = next[row[c]!]!++;
    out.column[at] = column[c]!;
    out.weightMicro[at] = weightMicro[c]!;
  }
  return out;
}

function allocate(arena: Arena, rows: number, columns: number, cells: number): Cells {
  return {
    rows,
    columns,
    start: arena.int32(rows + 1),
    column: arena.int32(cells),
    weightMicro: arena.int32(cells),
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
