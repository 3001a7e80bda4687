// Asking for memory before it is needed. Training is bound by the way to memory, not by arithmetic: the fixed factors are larger
// than the second-level cache, and a row's cells lie anywhere in them. A dot product waits for its operands in the reorder
// buffer, which some twelve cells fill; one load of each cache line and nothing that waits for it lets the core have as many
// lines under way as it can. What is loaded goes to `seen`, so that no compiler leaves the loads out.
import { at } from './tiles';

const LINE: usize = 64;

/** The factors of cells first … end−1. */
export function touchCells(
  first: i32,
  end: i32,
  column: usize,
  fixed: usize,
  bytes: usize,
  seen: usize,
): void {
  let any: i32 = 0;
  for (let c = first; c < end; c++) any |= linesFrom(fixed + <usize>load<u32>(at(column, c)) * bytes, bytes);
  store<i32>(seen, any);
}

/** What a row's solution starts with: its ridge, its first cells, its last value. */
export function touchRow(
  row: i32,
  start: usize,
  column: usize,
  weight: usize,
  ridge: usize,
  solved: usize,
  bytes: usize,
  seen: usize,
): void {
  const first = load<i32>(at(start, row));
  const cells = load<i32>(at(column, first)) | load<i32>(at(weight, first));
  const own = load<i32>(ridge + ((<usize>row) << 3));
  store<i32>(seen, cells | own | linesFrom(solved + <usize>row * bytes, bytes));
}

/** Factors that lie side by side. */
export function touchBlock(from: usize, bytes: usize, seen: usize): void {
  store<i32>(seen, linesFrom(from, bytes));
}

function linesFrom(from: usize, bytes: usize): i32 {
  let any: i32 = 0;
  for (let o: usize = 0; o < bytes; o += LINE) any |= load<i32>(from + o);
  return any;
}
