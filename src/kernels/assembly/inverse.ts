// Inversion of a symmetric positive definite matrix by blocked sweeps (Gauss–Jordan on the upper triangle): each pivot block
// turns A into A − RᵀD⁻¹R, its own rows into D⁻¹R and itself into −D⁻¹; after all of them A holds −A⁻¹.
import { at, product, subtractProduct } from './tiles';

/** Rows of a unit of the update: with 128 pivots their share of R stays in the first-level cache. */
const ROWS: i32 = 64;
/** Columns that are taken before the next rows: their share of W stays in the second-level cache. */
const COLUMNS: i32 = 256;

/**
 * For panels of eight columns from … to−1: R = A[pivot …][c …] into `r`, W = D⁻¹R into `w`, both [panel][width][8], and W in R's
 * place. Panels of the pivot block itself are zero. A is n × n, `inverse` D⁻¹, width × width.
 */
export function sweepPanels(
  from: i32,
  to: i32,
  a: usize,
  n: i32,
  pivot: i32,
  width: i32,
  inverse: usize,
  r: usize,
  w: usize,
): void {
  const pitch = (<usize>n) << 2;
  for (let panel = from; panel < to; panel++) {
    const c = panel << 3;
    const rp = r + ((<usize>panel * <usize>width) << 5);
    const wp = w + ((<usize>panel * <usize>width) << 5);
    if (c >= pivot && c < pivot + width) {
      memory.fill(rp, 0, (<usize>width) << 5);
      memory.fill(wp, 0, (<usize>width) << 5);
      continue;
    }
    const isRight = c > pivot;
    if (isRight) copyRows(at(a + <usize>pivot * pitch, c), pitch, rp, 32, width);
    else transpose(at(a + <usize>c * pitch, pivot), pitch, rp, width);
    for (let t = 0; t < width; t += 4) {
      product(at(inverse, t), (<usize>width) << 2, rp, width, wp + ((<usize>t) << 5), 32);
    }
    if (isRight) copyRows(wp, 32, at(a + <usize>pivot * pitch, c), pitch, width);
    else transposeBack(wp, at(a + <usize>c * pitch, pivot), pitch, width);
  }
}

/** A −= RᵀW on the upper triangle, for units of ROWS rows from … to−1. */
export function sweepUpdate(from: i32, to: i32, a: usize, n: i32, width: i32, r: usize, w: usize): void {
  const pitch = (<usize>n) << 2;
  const panelBytes = (<usize>width) << 5;
  for (let unit = from; unit < to; unit++) {
    const first = unit * ROWS;
    for (let block = first; block < n; block += COLUMNS) {
      const end = min(block + COLUMNS, n);
      for (let i = first; i < first + ROWS; i += 4) {
        const x = r + <usize>(i >> 3) * panelBytes + ((<usize>(i & 4)) << 2);
        const row = a + <usize>i * pitch;
        for (let j = max(block, i & ~7); j < end; j += 8) {
          subtractProduct(x, 32, w + <usize>(j >> 3) * panelBytes, width, at(row, j), pitch);
        }
      }
    }
  }
}

/** `count` rows of eight floats. */
function copyRows(from: usize, fromPitch: usize, to: usize, toPitch: usize, count: i32): void {
  for (let t = 0; t < count; t++) {
    v128.store(to, v128.load(from));
    v128.store(to, v128.load(from, 16), 16);
    from += fromPitch;
    to += toPitch;
  }
}

/** to[t][q] = from[q][t] for eight rows q. */
function transpose(from: usize, pitch: usize, to: usize, count: i32): void {
  for (let q = 0; q < 8; q++) {
    const row = from + <usize>q * pitch;
    for (let t = 0; t < count; t++) store<f32>(at(to, t * 8 + q), load<f32>(at(row, t)));
  }
}

function transposeBack(from: usize, to: usize, pitch: usize, count: i32): void {
  for (let q = 0; q < 8; q++) {
    const row = to + <usize>q * pitch;
    for (let t = 0; t < count; t++) store<f32>(at(row, t), load<f32>(at(from, t * 8 + q)));
  }
}
