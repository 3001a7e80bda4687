// Long rows side by side: in each step the cells of one of them would stream through all caches, in random order over more
// pages than the address cache holds. Instead many rows go through the fixed factors together, block of columns by block, so
// that a block is fetched once for all of them.
import { pass } from './pass';
import { at } from './tiles';
import { touchBlock } from './touch';

/** Rows that sweep together: of rows that see every thirtieth column, each line of a block is then used four times. */
export const SWEEP_ROWS: i32 = 128;
/** Rows with more cells are swept: 512 KiB at 64 floats, a part of the second-level cache. */
const LONG: i32 = 2048;
/** Bytes of a block of fixed factors: part of the second-level cache, beside the rows' own vectors. */
const BLOCK_BYTES: i32 = 1 << 18;

/** Whether the first of `rows` is long. */
export function isLong(rows: usize, start: usize): bool {
  const row = load<i32>(rows);
  return load<i32>(at(start, row + 1)) - load<i32>(at(start, row)) > LONG;
}

/**
 * A pass over all cells of `batch` long rows; `by`, `out` and `sums` have one after the other. A four of cells belongs to the
 * block of its first column, so that a row's sums do not depend on which rows it sweeps with. `next` has room for where each
 * row is.
 */
export function sweep(
  kind: i32,
  rows: usize,
  batch: i32,
  start: usize,
  column: usize,
  weight: usize,
  fixed: usize,
  bytes: usize,
  by: usize,
  out: usize,
  sums: usize,
  next: usize,
  zeros: usize,
  seen: usize,
): void {
  let columns = 0;
  for (let j = 0; j < batch; j++) {
    const row = load<i32>(at(rows, j));
    store<i32>(at(next, j), load<i32>(at(start, row)));
    columns = max(columns, load<i32>(at(column, load<i32>(at(start, row + 1)) - 1)) + 1);
  }
  const width = BLOCK_BYTES / <i32>bytes;
  for (let block = 0; block < columns; block += width) {
    touchBlock(fixed + <usize>block * bytes, <usize>min(width, columns - block) * bytes, seen);
    for (let j = 0; j < batch; j++) {
      const end = load<i32>(at(start, load<i32>(at(rows, j)) + 1));
      const o = <usize>j * bytes;
      const from = load<i32>(at(next, j));
      const limit = block + width;
      const to = pass(
        kind,
        from,
        end,
        limit,
        column,
        weight,
        fixed,
        bytes,
        by + o,
        out + o,
        at(sums, j),
        zeros,
      );
      store<i32>(at(next, j), to);
    }
  }
}
