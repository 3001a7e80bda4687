// Cells of a row as a panel of scaled factor rows: z = √w·f, and the target t = √w where p = 1, else 0.
import { at } from './tiles';

/** Weights are stored as signed millionths; the sign is the preference. */
function rootOf(micro: i32): f32 {
  return sqrt<f32>(<f32>(micro < 0 ? -micro : micro) * 1e-6);
}

/**
 * Copies cells from … to−1 into `panel` and their targets into `targets`, and zero rows up to a multiple of four; returns
 * that multiple.
 */
export function gather(
  panel: usize,
  targets: usize,
  column: usize,
  weight: usize,
  from: i32,
  to: i32,
  fixed: usize,
  bytes: usize,
): i32 {
  let z = panel;
  let t = targets;
  for (let c = from; c < to; c++) {
    const micro = load<i32>(at(weight, c));
    const root = rootOf(micro);
    store<f32>(t, micro > 0 ? root : <f32>0);
    const f = fixed + <usize>load<u32>(at(column, c)) * bytes;
    const s = f32x4.splat(root);
    for (let o: usize = 0; o < bytes; o += 32) {
      v128.store(z + o, v128.mul<f32>(s, v128.load(f + o)));
      v128.store(z + o, v128.mul<f32>(s, v128.load(f + o, 16)), 16);
    }
    z += bytes;
    t += 4;
  }
  const rows = to - from;
  const padded = (rows + 3) & ~3;
  memory.fill(z, 0, <usize>(padded - rows) * bytes);
  memory.fill(t, 0, (<usize>(padded - rows)) << 2);
  return padded;
}

/** Σ w over the positive cells from … to−1: the loss of a row whose scores are all zero. */
export function positiveWeight(weight: usize, from: i32, to: i32): f64 {
  let pairs = i64x2.splat(0);
  let c = from;
  for (; c + 4 <= to; c += 4) {
    const w = i32x4.max_s(v128.load(at(weight, c)), i32x4.splat(0));
    pairs = i64x2.add(pairs, i64x2.add(i64x2.extend_low_i32x4_s(w), i64x2.extend_high_i32x4_s(w)));
  }
  let micro: i64 = i64x2.extract_lane(pairs, 0) + i64x2.extract_lane(pairs, 1);
  for (; c < to; c++) {
    const w = load<i32>(at(weight, c));
    if (w > 0) micro += w;
  }
  return <f64>micro * 1e-6;
}

/**
 * A row without cells: its prior, or zeros: nothing was seen that could move it. Returns its part of the loss,
 * yᵀGy with G = α₀FᵀF.
 */
export function settleEmpty(solved: usize, prior: usize, gram: usize, stride: i32): f64 {
  const bytes = (<usize>stride) << 2;
  if (prior == 0) {
    memory.fill(solved, 0, bytes);
    return 0;
  }
  memory.copy(solved, prior, bytes);
  let loss: f64 = 0;
  for (let i = 0; i < stride; i++) {
    let sum: f64 = 0;
    for (let j = 0; j < stride; j++)
      sum += <f64>load<f32>(at(gram, i * stride + j)) * <f64>load<f32>(at(prior, j));
    loss += sum * <f64>load<f32>(at(prior, i));
  }
  return loss;
}
