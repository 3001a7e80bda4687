// Short rows: the cells of a batch are gathered once, scaled by √w, into a panel that stays in the second-level cache for
// all steps.
import { PRODUCT, RESIDUAL } from './cg';
import { gather } from './cells';
import { at, sumLanes } from './tiles';
import { addFour, dotFour } from './vectors';

/** Rows of a batch. */
export const PANEL_ROWS: i32 = 8;
/** Cells of a batch: 256 KiB at 64 floats. A row that is not swept fits. */
const PANEL_CELLS: i32 = 1024;

export function panelScratch(stride: i32): usize {
  return ((<usize>PANEL_ROWS) << 2) + <usize>(PANEL_CELLS + 4) * (((<usize>stride) << 2) + 4);
}

/** How many of the next `count` rows a batch takes. */
export function panelBatch(rows: usize, count: i32, start: usize): i32 {
  let cells = paddedCells(load<i32>(rows), start);
  let batch = 1;
  while (batch < count) {
    cells += paddedCells(load<i32>(at(rows, batch)), start);
    if (cells > PANEL_CELLS) break;
    batch++;
  }
  return batch;
}

function paddedCells(row: i32, start: usize): i32 {
  return (load<i32>(at(start, row + 1)) - load<i32>(at(start, row)) + 3) & ~3;
}

export function panelGather(
  rows: usize,
  batch: i32,
  start: usize,
  column: usize,
  weight: usize,
  fixed: usize,
  bytes: usize,
  scratch: usize,
): void {
  const targets = at(scratch, PANEL_ROWS);
  const panel = at(targets, PANEL_CELLS + 4);
  let cells = 0;
  for (let j = 0; j < batch; j++) {
    const row = load<i32>(at(rows, j));
    const z = panel + <usize>cells * bytes;
    store<i32>(at(scratch, j), cells);
    const first = load<i32>(at(start, row));
    const end = load<i32>(at(start, row + 1));
    cells += gather(z, at(targets, cells), column, weight, first, end, fixed, bytes);
  }
}

/** One pass over the gathered cells, see cg.ts; with z = √w f and the target t = p√w. */
export function panelPass(
  pass: i32,
  rows: usize,
  batch: i32,
  start: usize,
  bytes: usize,
  by: usize,
  out: usize,
  sums: usize,
  scratch: usize,
): void {
  const targets = at(scratch, PANEL_ROWS);
  const panel = at(targets, PANEL_CELLS + 4);
  for (let j = 0; j < batch; j++) {
    const first = load<i32>(at(scratch, j));
    const end = first + paddedCells(load<i32>(at(rows, j)), start);
    const vj = by + <usize>j * bytes;
    const outJ = out + <usize>j * bytes;
    let sum = f32x4.splat(0);
    for (let c = first; c < end; c += 4) {
      const z0 = panel + <usize>c * bytes;
      const z1 = z0 + bytes;
      const z2 = z1 + bytes;
      const z3 = z2 + bytes;
      const d = dotFour(z0, z1, z2, z3, vj, bytes);
      if (pass == PRODUCT) {
        addFour(z0, z1, z2, z3, bytes, d, outJ);
      } else if (pass == RESIDUAL) {
        const t = v128.load(at(targets, c));
        sum = v128.add<f32>(sum, v128.mul<f32>(t, d));
        addFour(z0, z1, z2, z3, bytes, v128.sub<f32>(t, d), outJ);
      } else {
        sum = v128.add<f32>(sum, v128.mul<f32>(d, d));
      }
    }
    store<f32>(at(sums, j), sumLanes(sum));
  }
}
