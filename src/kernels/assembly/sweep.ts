// Long rows: gathering them would stream their cells' factors through all caches in every step, in random order over
// more pages than the address cache holds. Instead many rows go through the fixed factors side by side, block of columns by
// block, so that a block is fetched once for all of them.
import { PRODUCT, RESIDUAL } from './cg';
import { at, sumLanes } from './tiles';
import { addFour, dotFour } from './vectors';

/** Rows that sweep together: of rows that see every thirtieth column, each line of a block is then used four times. */
export const SWEEP_ROWS: i32 = 128;
/** Rows with more cells are swept. */
export const LONG: i32 = 512;
/** Bytes of a block of fixed factors: part of the second-level cache, beside the rows' own vectors. */
const BLOCK_BYTES: i32 = 1 << 18;

export function sweepScratch(stride: i32): usize {
  return ((<usize>SWEEP_ROWS) << 2) + ((<usize>stride) << 2);
}

/** Whether the first of `rows` is long. */
export function isLong(rows: usize, start: usize): bool {
  const row = load<i32>(rows);
  return load<i32>(at(start, row + 1)) - load<i32>(at(start, row)) > LONG;
}

/**
 * One pass over the cells of all rows, see cg.ts; t = w p. Cells are taken in fours, the last one filled up with rows of
 * zeros; a four belongs to the block of its first column. So a row's sums do not depend on which rows it sweeps with.
 */
export function sweepPass(
  pass: i32,
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
  const zeros = at(scratch, SWEEP_ROWS);
  memory.fill(zeros, 0, bytes);
  for (let j = 0; j < batch; j++) store<i32>(at(scratch, j), load<i32>(at(start, load<i32>(at(rows, j)))));
  const width = BLOCK_BYTES / <i32>bytes;
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
        if (pass == PRODUCT) {
          addFour(f0, f1, f2, f3, bytes, wd, outJ);
        } else if (pass == RESIDUAL) {
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
