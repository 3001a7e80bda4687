// Operations on rows of `bytes` bytes, a multiple of 32 (eight floats).
import { muladd, sumLanes } from './tiles';

export function dot(a: usize, b: usize, bytes: usize): f32 {
  let s0 = f32x4.splat(0);
  let s1 = s0;
  for (let o: usize = 0; o < bytes; o += 32) {
    s0 = muladd(s0, v128.load(a + o), v128.load(b + o));
    s1 = muladd(s1, v128.load(a + o, 16), v128.load(b + o, 16));
  }
  return sumLanes(v128.add<f32>(s0, s1));
}

/** Four rows times v, as the four lanes. */
export function dotFour(row0: usize, row1: usize, row2: usize, row3: usize, v: usize, bytes: usize): v128 {
  let s0 = f32x4.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  let t0 = s0;
  let t1 = s0;
  let t2 = s0;
  let t3 = s0;
  for (let o: usize = 0; o < bytes; o += 32) {
    const a = v128.load(v + o);
    const b = v128.load(v + o, 16);
    s0 = muladd(s0, v128.load(row0 + o), a);
    s1 = muladd(s1, v128.load(row1 + o), a);
    s2 = muladd(s2, v128.load(row2 + o), a);
    s3 = muladd(s3, v128.load(row3 + o), a);
    t0 = muladd(t0, v128.load(row0 + o, 16), b);
    t1 = muladd(t1, v128.load(row1 + o, 16), b);
    t2 = muladd(t2, v128.load(row2 + o, 16), b);
    t3 = muladd(t3, v128.load(row3 + o, 16), b);
  }
  s0 = v128.add<f32>(s0, t0);
  s1 = v128.add<f32>(s1, t1);
  s2 = v128.add<f32>(s2, t2);
  s3 = v128.add<f32>(s3, t3);
  const low = v128.add<f32>(v128.shuffle<f32>(s0, s1, 0, 4, 1, 5), v128.shuffle<f32>(s0, s1, 2, 6, 3, 7));
  const high = v128.add<f32>(v128.shuffle<f32>(s2, s3, 0, 4, 1, 5), v128.shuffle<f32>(s2, s3, 2, 6, 3, 7));
  return v128.add<f32>(v128.shuffle<f32>(low, high, 0, 1, 4, 5), v128.shuffle<f32>(low, high, 2, 3, 6, 7));
}

/** out += Σ of four rows times the four lanes of `by`. */
export function addFour(
  row0: usize,
  row1: usize,
  row2: usize,
  row3: usize,
  bytes: usize,
  by: v128,
  out: usize,
): void {
  const d0 = v128.shuffle<f32>(by, by, 0, 0, 0, 0);
  const d1 = v128.shuffle<f32>(by, by, 1, 1, 1, 1);
  const d2 = v128.shuffle<f32>(by, by, 2, 2, 2, 2);
  const d3 = v128.shuffle<f32>(by, by, 3, 3, 3, 3);
  for (let o: usize = 0; o < bytes; o += 32) {
    let low = muladd(v128.mul<f32>(d1, v128.load(row1 + o)), d0, v128.load(row0 + o));
    let high = muladd(v128.mul<f32>(d3, v128.load(row3 + o)), d2, v128.load(row2 + o));
    v128.store(out + o, v128.add<f32>(v128.load(out + o), v128.add<f32>(low, high)));
    low = muladd(v128.mul<f32>(d1, v128.load(row1 + o, 16)), d0, v128.load(row0 + o, 16));
    high = muladd(v128.mul<f32>(d3, v128.load(row3 + o, 16)), d2, v128.load(row2 + o, 16));
    v128.store(out + o, v128.add<f32>(v128.load(out + o, 16), v128.add<f32>(low, high)), 16);
  }
}

/** out += by · row */
export function addScaled(row: usize, bytes: usize, by: f32, out: usize): void {
  const s = f32x4.splat(by);
  for (let o: usize = 0; o < bytes; o += 16) {
    v128.store(out + o, muladd(v128.load(out + o), s, v128.load(row + o)));
  }
}

/** row = by · row + other */
export function scaleAndAdd(row: usize, bytes: usize, by: f32, other: usize): void {
  const s = f32x4.splat(by);
  for (let o: usize = 0; o < bytes; o += 16) {
    v128.store(row + o, muladd(v128.load(other + o), s, v128.load(row + o)));
  }
}
