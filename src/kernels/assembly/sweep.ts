// Passes over the cells of rows. What they cost is the way to memory, not the arithmetic: the fixed factors are larger than
// the second-level cache, and a row's cells lie anywhere in them. So each row's cells are touched first, four loads a cell
// and nothing that waits for them: as many cache lines as the core can have are then under way at once (a dot product fills
// the reorder buffer after some twelve cells). Steps after the first find them in the caches.
// Rows too long for that go through the fixed factors side by side, block of columns by block, so that a block is fetched
// once for all of them.
import { PRODUCT, RESIDUAL } from './cg';
import { at, sumLanes } from './tiles';
import { addFour, dotFour } from './vectors';

/** Rows that sweep together: of rows that see every thirtieth column, each line of a block is then used four times. */
export const SWEEP_ROWS: i32 = 128;
/** Rows with more cells are swept: 512 KiB at 64 floats, a part of the second-level cache. */
export const LONG: i32 = 2048;
/** Bytes of a block of fixed factors: part of the second-level cache, beside the rows' own vectors. */
const BLOCK_BYTES: i32 = 1 << 18;

export function passScratch(stride: i32): usize {
  return ((<usize>SWEEP_ROWS) << 2) + ((<usize>stride) << 2);
}

/** Whether the first of `rows` is long. */
export function isLong(rows: usize, start: usize): bool {
  const row = load<i32>(rows);
  return load<i32>(at(start, row + 1)) - load<i32>(at(start, row)) > LONG;
}

/**
 * One pass over the cells of all rows, which are either long or just one, see cg.ts; t = w p. Cells are taken in fours, the last one filled up with rows of
 * zeros; a four belongs to the block of its first column. So a row's sums do not depend on which rows it sweeps with.
 */
export function pass(
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
  scratch: usize,
): void {
  const isSwept = isLong(rows, start);
  if (kind == RESIDUAL && !isSwept) touch(load<i32>(rows), start, column, fixed, bytes, scratch);
  const zeros = at(scratch, SWEEP_ROWS);
  memory.fill(zeros, 0, bytes);
  for (let j = 0; j < batch; j++) {
    store<i32>(at(scratch, j), load<i32>(at(start, load<i32>(at(rows, j)))));
    store<f32>(at(sums, j), 0);
  }
  const width = isSwept ? BLOCK_BYTES / <i32>bytes : i32.MAX_VALUE;
  let open = batch;
  for (let limit = width; open > 0; limit += width) {
    open = 0;
    for (let j = 0; j < batch; j++) {
      const end = load<i32>(at(start, load<i32>(at(rows, j)) + 1));
      const vj = by + <usize>j * bytes;
      const outJ = out + <usize>j * bytes;
      let c = load<i32>(at(scratch, j));
      let sum = f32x4.splat(0);
      while (c < end && load<i32>(at(column, c)) < limit) {
        const cells = at(column, c);
        const left = end - c;
        const f0 = fixed + <usize>load<u32>(cells) * bytes;
        const f1 = left > 1 ? fixed + <usize>load<u32>(cells, 4) * bytes : zeros;
        const f2 = left > 2 ? fixed + <usize>load<u32>(cells, 8) * bytes : zeros;
        const f3 = left > 3 ? fixed + <usize>load<u32>(cells, 12) * bytes : zeros;
        const micro = v128.load(at(weight, c));
        const w = v128.mul<f32>(f32x4.convert_i32x4_s(i32x4.abs(micro)), f32x4.splat(1e-6));
        const d = dotFour(f0, f1, f2, f3, vj, bytes);
        const wd = v128.mul<f32>(w, d);
        if (kind == PRODUCT) {
          addFour(f0, f1, f2, f3, bytes, wd, outJ);
        } else if (kind == RESIDUAL) {
          const t = v128.and(w, v128.gt<i32>(micro, i32x4.splat(0)));
          sum = v128.add<f32>(sum, v128.mul<f32>(t, d));
          addFour(f0, f1, f2, f3, bytes, v128.sub<f32>(t, wd), outJ);
        } else {
          sum = v128.add<f32>(sum, v128.mul<f32>(wd, d));
        }
        c += 4;
      }
      store<i32>(at(scratch, j), c);
      store<f32>(at(sums, j), load<f32>(at(sums, j)) + sumLanes(sum));
      if (c < end) open++;
    }
  }
}

/** One word of each cache line of a row's cells; what they hold goes to `scratch`, so that no compiler leaves them out. */
function touch(row: i32, start: usize, column: usize, fixed: usize, bytes: usize, scratch: usize): void {
  const end = at(column, load<i32>(at(start, row + 1)));
  let seen: i32 = 0;
  for (let c = at(column, load<i32>(at(start, row))); c < end; c += 4) {
    const f = fixed + <usize>load<u32>(c) * bytes;
    for (let o: usize = 0; o < bytes; o += 64) seen |= load<i32>(f + o);
  }
  store<i32>(scratch, seen);
}
