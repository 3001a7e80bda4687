// Rows of factors in another basis.
import { at, muladd } from './tiles';

/** Rows that are turned at once. */
const ROWS: i32 = 4;

export function turnScratch(stride: i32): usize {
  return <usize>ROWS * ((<usize>stride) << 2);
}

/** row ← row · V for rows from … to−1, in place; V is stride × stride. */
export function turn(factors: usize, from: i32, to: i32, basis: usize, stride: i32, scratch: usize): void {
  const bytes = (<usize>stride) << 2;
  for (let r = from; r < to; r += ROWS) {
    const rows = min(ROWS, to - r);
    const x = factors + <usize>r * bytes;
    // fewer than four: the last one again in their place
    const second = x + <usize>min(1, rows - 1) * bytes;
    const third = x + <usize>min(2, rows - 1) * bytes;
    const last = x + <usize>(rows - 1) * bytes;
    for (let j = 0; j < stride; j += 8) {
      turnTile(x, second, third, last, at(basis, j), stride, at(scratch, j));
    }
    memory.copy(x, scratch, <usize>rows * bytes);
  }
}

/** Eight columns of four rows: out[r][0 … 8) = Σ_p x_r[p] V[p][0 … 8). */
function turnTile(x0: usize, x1: usize, x2: usize, x3: usize, v: usize, stride: i32, out: usize): void {
  const bytes = (<usize>stride) << 2;
  let c00 = f32x4.splat(0);
  let c01 = c00;
  let c10 = c00;
  let c11 = c00;
  let c20 = c00;
  let c21 = c00;
  let c30 = c00;
  let c31 = c00;
  for (let o: usize = 0; o < bytes; o += 4) {
    const v0 = v128.load(v);
    const v1 = v128.load(v, 16);
    let s = v128.load32_splat(x0 + o);
    c00 = muladd(c00, s, v0);
    c01 = muladd(c01, s, v1);
    s = v128.load32_splat(x1 + o);
    c10 = muladd(c10, s, v0);
    c11 = muladd(c11, s, v1);
    s = v128.load32_splat(x2 + o);
    c20 = muladd(c20, s, v0);
    c21 = muladd(c21, s, v1);
    s = v128.load32_splat(x3 + o);
    c30 = muladd(c30, s, v0);
    c31 = muladd(c31, s, v1);
    v += bytes;
  }
  v128.store(out, c00);
  v128.store(out, c01, 16);
  out += bytes;
  v128.store(out, c10);
  v128.store(out, c11, 16);
  out += bytes;
  v128.store(out, c20);
  v128.store(out, c21, 16);
  out += bytes;
  v128.store(out, c30);
  v128.store(out, c31, 16);
}
