// The served order (core/ranking/blend.ts) for sixteen viewers at once, in double precision and with viewers in the lanes:
// each viewer's sums run over columns and films in the order of the reference, so that every score has the reference's bits.
// Values lie film by film, a line of sixteen viewers each.
export const BLOCK: i32 = 16;
export const LINE: usize = 128;

export function line(base: usize, row: i32): usize {
  return base + <usize>row * LINE;
}

export function at8(base: usize, index: i32): usize {
  return base + ((<usize>index) << 3);
}

/**
 * out[row][v] = x_v·y_row, in four interleaved sums over the columns: s0 + s1 + (s2 + s3). `films` rows × stride and `viewers` 16 × stride
 * doubles, stride a multiple of 4; `rows` even.
 */
export function tastes(films: usize, rows: i32, viewers: usize, stride: i32, out: usize): void {
  const bytes = (<usize>stride) << 3;
  for (let row = 0; row < rows; row += 2) {
    const y0 = films + <usize>row * bytes;
    const to = line(out, row);
    for (let v = 0; v < BLOCK; v += 2)
      tasteTile(y0, viewers + <usize>v * bytes, bytes, to + ((<usize>v) << 3));
  }
}

/** Two films by two viewers: eight sums of two lanes. */
function tasteTile(y0: usize, x0: usize, bytes: usize, to: usize): void {
  let a00 = f64x2.splat(0);
  let b00 = a00;
  let a01 = a00;
  let b01 = a00;
  let a10 = a00;
  let b10 = a00;
  let a11 = a00;
  let b11 = a00;
  const y1 = y0 + bytes;
  const x1 = x0 + bytes;
  for (let o: usize = 0; o < bytes; o += 32) {
    const xa0 = v128.load(x0 + o);
    const xa1 = v128.load(x1 + o);
    let y = v128.load(y0 + o);
    a00 = v128.add<f64>(a00, v128.mul<f64>(xa0, y));
    a01 = v128.add<f64>(a01, v128.mul<f64>(xa1, y));
    y = v128.load(y1 + o);
    a10 = v128.add<f64>(a10, v128.mul<f64>(xa0, y));
    a11 = v128.add<f64>(a11, v128.mul<f64>(xa1, y));
    const xb0 = v128.load(x0 + o, 16);
    const xb1 = v128.load(x1 + o, 16);
    y = v128.load(y0 + o, 16);
    b00 = v128.add<f64>(b00, v128.mul<f64>(xb0, y));
    b01 = v128.add<f64>(b01, v128.mul<f64>(xb1, y));
    y = v128.load(y1 + o, 16);
    b10 = v128.add<f64>(b10, v128.mul<f64>(xb0, y));
    b11 = v128.add<f64>(b11, v128.mul<f64>(xb1, y));
  }
  v128.store(to, sumsOfTwo(a00, b00, a01, b01));
  v128.store(to + LINE, sumsOfTwo(a10, b10, a11, b11));
}

/** s0 + s1 + (s2 + s3) of two viewers, side by side. */
function sumsOfTwo(a0: v128, b0: v128, a1: v128, b1: v128): v128 {
  const low = v128.add<f64>(v128.shuffle<f64>(a0, a1, 0, 2), v128.shuffle<f64>(a0, a1, 1, 3));
  const high = v128.add<f64>(v128.shuffle<f64>(b0, b1, 0, 2), v128.shuffle<f64>(b0, b1, 1, 3));
  return v128.add<f64>(low, high);
}

/**
 * out[m][v] = Σ_{g of mix m} d_vg / √|m|, 0 for a mix of none. `likes`: genres × 16 (d of blend.ts); mix m is the genres
 * genre[start[m] … start[m+1]).
 */
export function affinities(likes: usize, mixes: i32, start: usize, genre: usize, out: usize): void {
  for (let m = 0; m < mixes; m++) {
    const from = load<i32>(start + ((<usize>m) << 2));
    const to = load<i32>(start + ((<usize>(m + 1)) << 2));
    const root = f64x2.splat(Math.sqrt(<f64>(to - from)));
    for (let o: usize = 0; o < LINE; o += 16) {
      let sum = f64x2.splat(0);
      for (let n = from; n < to; n++) {
        const g = load<i32>(genre + ((<usize>n) << 2));
        sum = v128.add<f64>(sum, v128.load(line(likes, g) + o));
      }
      v128.store(line(out, m) + o, to > from ? v128.div<f64>(sum, root) : sum);
    }
  }
}

/** Mean and deviation of each viewer's values over the films, to out[0][v] and out[1][v]. */
export function moments(values: usize, rows: i32, out: usize): void {
  const count = f64x2.splat(<f64>max(rows, 1));
  for (let o: usize = 0; o < LINE; o += 64) {
    let m0 = f64x2.splat(0);
    let m1 = m0;
    let m2 = m0;
    let m3 = m0;
    for (let row = 0; row < rows; row++) {
      const from = line(values, row) + o;
      m0 = v128.add<f64>(m0, v128.load(from));
      m1 = v128.add<f64>(m1, v128.load(from, 16));
      m2 = v128.add<f64>(m2, v128.load(from, 32));
      m3 = v128.add<f64>(m3, v128.load(from, 48));
    }
    m0 = v128.div<f64>(m0, count);
    m1 = v128.div<f64>(m1, count);
    m2 = v128.div<f64>(m2, count);
    m3 = v128.div<f64>(m3, count);
    let s0 = f64x2.splat(0);
    let s1 = s0;
    let s2 = s0;
    let s3 = s0;
    for (let row = 0; row < rows; row++) {
      const from = line(values, row) + o;
      const d0 = v128.sub<f64>(v128.load(from), m0);
      const d1 = v128.sub<f64>(v128.load(from, 16), m1);
      const d2 = v128.sub<f64>(v128.load(from, 32), m2);
      const d3 = v128.sub<f64>(v128.load(from, 48), m3);
      s0 = v128.add<f64>(s0, v128.mul<f64>(d0, d0));
      s1 = v128.add<f64>(s1, v128.mul<f64>(d1, d1));
      s2 = v128.add<f64>(s2, v128.mul<f64>(d2, d2));
      s3 = v128.add<f64>(s3, v128.mul<f64>(d3, d3));
    }
    const to = out + o;
    v128.store(to, m0);
    v128.store(to, m1, 16);
    v128.store(to, m2, 32);
    v128.store(to, m3, 48);
    v128.store(to + LINE, f64x2.sqrt(v128.div<f64>(s0, count)));
    v128.store(to + LINE, f64x2.sqrt(v128.div<f64>(s1, count)), 16);
    v128.store(to + LINE, f64x2.sqrt(v128.div<f64>(s2, count)), 32);
    v128.store(to + LINE, f64x2.sqrt(v128.div<f64>(s3, count)), 48);
  }
}

/** The same of values that line m has for count[m] films (f64), `rows` in all. */
export function mixMoments(values: usize, count: usize, mixes: i32, rows: i32, out: usize): void {
  const all = f64x2.splat(<f64>max(rows, 1));
  for (let o: usize = 0; o < LINE; o += 16) {
    let mean = f64x2.splat(0);
    for (let m = 0; m < mixes; m++) {
      const times = v128.load64_splat(at8(count, m));
      mean = v128.add<f64>(mean, v128.mul<f64>(times, v128.load(line(values, m) + o)));
    }
    mean = v128.div<f64>(mean, all);
    let square = f64x2.splat(0);
    for (let m = 0; m < mixes; m++) {
      const away = v128.sub<f64>(v128.load(line(values, m) + o), mean);
      const times = v128.load64_splat(at8(count, m));
      square = v128.add<f64>(square, v128.mul<f64>(times, v128.mul<f64>(away, away)));
    }
    v128.store(out + o, mean);
    v128.store(out + LINE + o, f64x2.sqrt(v128.div<f64>(square, all)));
  }
}

/** total[row][v] = z(taste) + now[row] + weight·z(affinity); z is 0 where the deviation is 0. */
export function totals(
  taste: usize,
  tasteMoments: usize,
  now: usize,
  affinity: usize,
  place: usize,
  affinityMoments: usize,
  weight: f64,
  rows: i32,
  out: usize,
): void {
  const one = f64x2.splat(1);
  const w = f64x2.splat(weight);
  for (let row = 0; row < rows; row++) {
    const trend = v128.load64_splat(at8(now, row));
    const t = line(taste, row);
    const a = line(affinity, load<i32>(place + ((<usize>row) << 2)));
    const to = line(out, row);
    for (let o: usize = 0; o < LINE; o += 16) {
      const own = standardised(v128.load(t + o), tasteMoments + o, one);
      const genres = standardised(v128.load(a + o), affinityMoments + o, w);
      v128.store(to + o, v128.add<f64>(v128.add<f64>(own, trend), genres));
    }
  }
}

export function standardised(value: v128, moment: usize, weight: v128): v128 {
  const deviation = v128.load(moment + LINE);
  const z = v128.div<f64>(v128.mul<f64>(weight, v128.sub<f64>(value, v128.load(moment))), deviation);
  return v128.andnot(z, v128.eq<f64>(deviation, f64x2.splat(0)));
}

/**
 * Each viewer's `size` films of the highest total, ties by row, best first: rows in topRow[v][n], totals in topTotal[v][n], their
 * number in found[v]. Not listed: films whose byte in row classOf[v] of `closed` (classes × pitch) is not 0, and totals that
 * are not numbers, which is how a viewer's own hidden films are told.
 */
export function topServed(
  total: usize,
  rows: i32,
  viewers: i32,
  closed: usize,
  pitch: i32,
  classOf: usize,
  size: i32,
  topRow: usize,
  topTotal: usize,
  found: usize,
  last: usize,
): void {
  for (let v = 0; v < BLOCK; v++) {
    store<f64>(at8(last, v), v < viewers ? -Infinity : Infinity);
    store<i32>(found + ((<usize>v) << 2), 0);
  }
  for (let row = 0; row < rows; row++) {
    const own = line(total, row);
    for (let o: usize = 0; o < LINE; o += 32) {
      const low = v128.gt<f64>(v128.load(own + o), v128.load(last + o));
      const high = v128.gt<f64>(v128.load(own + o, 16), v128.load(last + o, 16));
      if (!v128.any_true(v128.or(low, high))) continue;
      const first = <i32>(o >> 3);
      for (let v = first; v < first + 4; v++) {
        const score = load<f64>(at8(own, v));
        if (!(score > load<f64>(at8(last, v)))) continue;
        const group = load<i32>(classOf + ((<usize>v) << 2));
        if (load<u8>(closed + <usize>(group * pitch + row)) !== 0) continue;
        take(v, row, score, size, topRow, topTotal, found, last);
      }
    }
  }
}

/** Behind every row of the same or a better score, for rows come in order; the score to beat once the list is full. */
function take(
  v: i32,
  row: i32,
  score: f64,
  size: i32,
  topRow: usize,
  topTotal: usize,
  found: usize,
  last: usize,
): void {
  const rows = topRow + ((<usize>(v * size)) << 2);
  const totals = at8(topTotal, v * size);
  const count = found + ((<usize>v) << 2);
  let n = load<i32>(count);
  if (n < size) store<i32>(count, n + 1);
  else n--;
  while (n > 0 && load<f64>(at8(totals, n - 1)) < score) {
    store<f64>(at8(totals, n), load<f64>(at8(totals, n - 1)));
    store<i32>(rows + ((<usize>n) << 2), load<i32>(rows + ((<usize>(n - 1)) << 2)));
    n--;
  }
  store<f64>(at8(totals, n), score);
  store<i32>(rows + ((<usize>n) << 2), row);
  if (load<i32>(count) === size) store<f64>(at8(last, v), load<f64>(at8(totals, size - 1)));
}
