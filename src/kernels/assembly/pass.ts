// A pass over cells of one row. `kind` says what it does, given v:
import { at, sumLanes } from './tiles';
import { addFour, dotFour } from './vectors';

/** out += Σ (t − w f·v) f, and sum += Σ t f·v, t = w p: the residual at the start, and bᵀv. */
export const RESIDUAL: i32 = 0;
/** out += Σ w (f·v) f */
export const PRODUCT: i32 = 1;
/** sum += Σ w (f·v)²: all that the last step asks of the cells. */
export const SQUARE: i32 = 2;

/**
 * Cells from … end−1 in fours, the last one filled up with rows of zeros, as long as a four's first column is below `limit`;
 * returns where it stopped. `sum` is an address.
 */
export function pass(
  kind: i32,
  from: i32,
  end: i32,
  limit: i32,
  column: usize,
  weight: usize,
  fixed: usize,
  bytes: usize,
  v: usize,
  out: usize,
  sum: usize,
  zeros: usize,
): i32 {
  let total = f32x4.splat(0);
  let c = from;
  while (c < end && load<i32>(at(column, c)) < limit) {
    const cells = at(column, c);
    const left = end - c;
    const f0 = fixed + <usize>load<u32>(cells) * bytes;
    const f1 = left > 1 ? fixed + <usize>load<u32>(cells, 4) * bytes : zeros;
    const f2 = left > 2 ? fixed + <usize>load<u32>(cells, 8) * bytes : zeros;
    const f3 = left > 3 ? fixed + <usize>load<u32>(cells, 12) * bytes : zeros;
    const micro = v128.load(at(weight, c));
    const w = v128.mul<f32>(f32x4.convert_i32x4_s(i32x4.abs(micro)), f32x4.splat(1e-6));
    const d = dotFour(f0, f1, f2, f3, v, bytes);
    const wd = v128.mul<f32>(w, d);
    if (kind == PRODUCT) {
      addFour(f0, f1, f2, f3, bytes, wd, out);
    } else if (kind == RESIDUAL) {
      const t = v128.and(w, v128.gt<i32>(micro, i32x4.splat(0)));
      total = v128.add<f32>(total, v128.mul<f32>(t, d));
      addFour(f0, f1, f2, f3, bytes, v128.sub<f32>(t, wd), out);
    } else {
      total = v128.add<f32>(total, v128.mul<f32>(wd, d));
    }
    c += 4;
  }
  store<f32>(sum, load<f32>(sum) + sumLanes(total));
  return c;
}
