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

/** Coordinates of cells in any order: parallel arrays in an arena, `count` of them in use. */
export interface CellList {
  arena: Arena;
  count: number;
  row: Int32Array;
  column: Int32Array;
  weightMicro: Int32Array;
}

/** An empty list with room for `capacity` cells. */
export function createCellList(capacity: number): CellList {
  const arena = createArena();
  const array = () => arena.int32(capacity);
  return { arena, count: 0, row: array(), column: array(), weightMicro: array() };
}

/** Both orientations, and the arena that holds them. */
export interface Matrix {
  arena: Arena;
  byRow: Cells;
  byColumn: Cells;
}

/** Cells touched between two stops of buildCellsInSteps: some 30 ms of work. */
const STEP = 1 << 19;

/**
 * Both orientations of a list, which is used up: its arrays become the cells', so that 16 bytes a cell are all it takes. The
 * same cells in another order give the same bytes. Throws on a repeated cell or a weight of 0.
 */
export function buildCells(rows: number, columns: number, list: CellList): Matrix {
  const steps = buildCellsInSteps(rows, columns, list);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** The same, stopping now and then, for callers that have something else to do in between. */
export function* buildCellsInSteps(
  rows: number,
  columns: number,
  list: CellList,
): Generator<undefined, Matrix> {
  const { arena, count } = list;
  const [row, column, weightMicro] = [list.row, list.column, list.weightMicro].map((array) =>
    array.subarray(0, count),
  ) as [Int32Array, Int32Array, Int32Array];
  const byRow: Cells = { rows, columns, start: arena.int32(rows + 1), column, weightMicro };
  yield* countInto(byRow.start, row);
  yield* groupInPlace(byRow, row);
  const byColumn: Cells = {
    rows: columns,
    columns: rows,
    start: arena.int32(columns + 1),
    column: row, // needed no more
    weightMicro: arena.int32(count),
  };
  yield* transposeInto(byColumn, byRow);
  yield* transposeInto(byRow, byColumn);
  refuseBadCells(byRow);
  return { arena, byRow, byColumn };
}

/** The same cells in another arena: what is fitted there goes with it. */
export function copyCells({ rows, columns, start, column, weightMicro }: Cells, arena: Arena): Cells {
  const copy = (from: Int32Array) => {
    const to = arena.int32(from.length);
    to.set(from);
    return to;
  };
  return { rows, columns, start: copy(start), column: copy(column), weightMicro: copy(weightMicro) };
}

type Steps = Generator<undefined, void>;

/** Moves each cell into its row's stretch, along the cycles of the permutation; within a row in no particular order. */
function* groupInPlace({ rows, start, column, weightMicro }: Cells, row: Int32Array): Steps {
  const next = start.slice();
  let touched = 0;
  for (let r = 0; r < rows; r++) {
    const end = start[r + 1]!;
    while (next[r]! < end) {
      if (++touched % STEP === 0) yield;
      const here = next[r]!;
      let home = row[here]!;
      if (home === r) {
        next[r]!++;
        continue;
      }
      let [movedColumn, movedWeight] = [column[here]!, weightMicro[here]!];
      do {
        if (++touched % STEP === 0) yield;
        const there = next[home]!++;
        const displaced = row[there]!;
        const [otherColumn, otherWeight] = [column[there]!, weightMicro[there]!];
        row[there] = home;
        column[there] = movedColumn;
        weightMicro[there] = movedWeight;
        [home, movedColumn, movedWeight] = [displaced, otherColumn, otherWeight];
      } while (home !== r);
      row[here] = r;
      column[here] = movedColumn;
      weightMicro[here] = movedWeight;
      next[r]!++;
    }
  }
}

/** Counting sort by column; as rows are read in order, each new row is ascending. */
function* transposeInto(out: Cells, cells: Cells): Steps {
  out.start.fill(0);
  yield* countInto(out.start, cells.column);
  const next = out.start.slice();
  for (let r = 0, stop = STEP; r < cells.rows; r++) {
    for (let c = cells.start[r]!; c < cells.start[r + 1]!; c++) {
      const at = next[cells.column[c]!]!++;
      out.column[at] = r;
      out.weightMicro[at] = cells.weightMicro[c]!;
    }
    if (cells.start[r + 1]! >= stop) {
      stop += STEP;
      yield;
    }
  }
}

export function sharedInt32(length: number): Int32Array {
  return new Int32Array(new SharedArrayBuffer(length * 4));
}

export function sharedFloat64(length: number): Float64Array {
  return new Float64Array(new SharedArrayBuffer(length * 8));
}

/** start[r] = how many keys are below r. */
function* countInto(start: Int32Array, keys: Int32Array): Steps {
  const groups = start.length - 1;
  for (let c = 0; c < keys.length; c++) {
    if (c % STEP === STEP - 1) yield;
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
