// The best films of sixteen viewers without scoring every film in double precision. Films lie in tiles, the most promising
// first; a tile whose bound cannot lift any viewer's list is passed over, the others are scored in single precision with
// viewers in the lanes. What comes near a list's last score is scored exactly, with the bits of served.ts, and only that score
// decides: single precision never does.
import { BLOCK, at8, line, standardised } from './served';
import { at, muladd } from './tiles';

/** Films of a tile. */
const TILE: i32 = 32;
/** Bytes of sixteen floats. */
const SHORT: usize = 64;

/** What lies where; written by src/kernels/simd/pruned-top.ts, field by field. */
@unmanaged
class Scan {
  /** Films by place: row of the model (−1 = none), f32 factors (stride floats), f32 trend, mix of genres. */
  rowAt: usize;
  factors: usize;
  stride: i32;
  trend: usize;
  mixAt: usize;
  /** Of each tile, f32: the largest norm and the largest trend. */
  tileNorm: usize;
  tileTrend: usize;
  /** Viewers: x over its deviation, [stride][16] f32, its norm, and the largest line of `genres`. */
  viewers: usize;
  viewerNorm: usize;
  genresMost: usize;
  /** [mix][16] f32: the genres' part of a total. */
  genres: usize;
  /** f64 of each viewer: what a list's last total becomes a bar with (see pruned-top.ts). */
  offset: usize;
  /** For exact scores: films and viewers in f64, rows of exactStride, and what `totals` of served.ts takes. */
  exactFilms: usize;
  exactViewers: usize;
  exactStride: i32;
  now: usize;
  tasteMoments: usize;
  affinity: usize;
  affinityMoments: usize;
  /** Bit v of u16 [row]: viewer v never gets it. */
  hidden: usize;
  /** As in topServed. */
  closed: usize;
  pitch: i32;
  classOf: usize;
  /** Out: found[v] films of viewer v, best first, from [v · size] on. */
  size: i32;
  topRow: usize;
  topTaste: usize;
  topTotal: usize;
  found: usize;
  /** Scratch, f32 [16]: what a total must reach. */
  bar: usize;
}

/** genres[m][v] = weight·z(affinity) in single precision, and the largest of each viewer. */
export function genreLines(
  affinity: usize,
  affinityMoments: usize,
  weight: f64,
  mixes: i32,
  genres: usize,
  genresMost: usize,
): void {
  const w = f64x2.splat(weight);
  for (let v = 0; v < BLOCK; v += 4) {
    const moments = at8(affinityMoments, v);
    let most = f32x4.splat(-Infinity);
    for (let m = 0; m < mixes; m++) {
      const own = at8(line(affinity, m), v);
      const low = f32x4.demote_f64x2_zero(standardised(v128.load(own), moments, w));
      const high = f32x4.demote_f64x2_zero(standardised(v128.load(own, 16), moments + 16, w));
      const four = v128.shuffle<f32>(low, high, 0, 1, 4, 5);
      v128.store(genres + <usize>m * SHORT + ((<usize>v) << 2), four);
      most = v128.max<f32>(most, four);
    }
    v128.store(at(genresMost, v), most);
  }
}

/**
 * Each viewer's `size` films of the highest total among places from … to−1 (from a multiple of the tile, to − from even), ties by
 * row; returns the tiles that were scored.
 */
export function topPruned(scan: Scan, viewers: i32, from: i32, to: i32, weight: f64): i32 {
  for (let v = 0; v < BLOCK; v++) {
    store<f32>(at(scan.bar, v), v < viewers ? -Infinity : Infinity);
    store<i32>(at(scan.found, v), 0);
  }
  const wanted = (1 << viewers) - 1;
  const bytes = (<usize>scan.stride) << 2;
  let scored = 0;
  for (let first = from; first < to; first += TILE) {
    const tile = first / TILE;
    if (!canHelp(scan, load<f32>(at(scan.tileNorm, tile)), load<f32>(at(scan.tileTrend, tile)), wanted))
      continue;
    scored++;
    const end = min(first + TILE, to);
    for (let place = first; place < end; place += 2) scorePair(scan, place, bytes, wanted, weight);
  }
  return scored;
}

/** Whether any viewer's total can reach its bar: not "<", so that NaN goes on to be scored exactly. */
function canHelp(scan: Scan, norm: f32, trend: f32, wanted: i32): bool {
  const n = f32x4.splat(norm);
  const t = f32x4.splat(trend);
  let below = 0;
  for (let v = 0; v < BLOCK; v += 4) {
    const taste = v128.mul<f32>(n, v128.load(at(scan.viewerNorm, v)));
    const bound = v128.add<f32>(v128.add<f32>(taste, t), v128.load(at(scan.genresMost, v)));
    below |= i32x4.bitmask(v128.lt<f32>(bound, v128.load(at(scan.bar, v)))) << v;
  }
  return (~below & wanted) !== 0;
}

/** Two films by sixteen viewers: eight sums of four lanes. */
function scorePair(scan: Scan, place: i32, bytes: usize, wanted: i32, weight: f64): void {
  let x = scan.viewers;
  let y = scan.factors + <usize>place * bytes;
  const end = y + bytes;
  let a0 = f32x4.splat(0);
  let a1 = a0;
  let a2 = a0;
  let a3 = a0;
  let b0 = a0;
  let b1 = a0;
  let b2 = a0;
  let b3 = a0;
  for (; y < end; y += 4) {
    const x0 = v128.load(x);
    const x1 = v128.load(x, 16);
    const x2 = v128.load(x, 32);
    const x3 = v128.load(x, 48);
    let s = v128.load32_splat(y);
    a0 = muladd(a0, s, x0);
    a1 = muladd(a1, s, x1);
    a2 = muladd(a2, s, x2);
    a3 = muladd(a3, s, x3);
    s = v128.load32_splat(y + bytes);
    b0 = muladd(b0, s, x0);
    b1 = muladd(b1, s, x1);
    b2 = muladd(b2, s, x2);
    b3 = muladd(b3, s, x3);
    x += SHORT;
  }
  const near = nearest(scan, place, a0, a1, a2, a3) & wanted;
  if (near !== 0) scoreExactly(scan, place, near, weight);
  const next = nearest(scan, place + 1, b0, b1, b2, b3) & wanted;
  if (next !== 0) scoreExactly(scan, place + 1, next, weight);
}

/** The viewers whose total is not below their bar. */
function nearest(scan: Scan, place: i32, t0: v128, t1: v128, t2: v128, t3: v128): i32 {
  const trend = v128.load32_splat(at(scan.trend, place));
  const genres = scan.genres + <usize>load<i32>(at(scan.mixAt, place)) * SHORT;
  const bar = scan.bar;
  t0 = v128.lt<f32>(v128.add<f32>(v128.add<f32>(t0, trend), v128.load(genres)), v128.load(bar));
  t1 = v128.lt<f32>(v128.add<f32>(v128.add<f32>(t1, trend), v128.load(genres, 16)), v128.load(bar, 16));
  t2 = v128.lt<f32>(v128.add<f32>(v128.add<f32>(t2, trend), v128.load(genres, 32)), v128.load(bar, 32));
  t3 = v128.lt<f32>(v128.add<f32>(v128.add<f32>(t3, trend), v128.load(genres, 48)), v128.load(bar, 48));
  if (v128.all_true<i32>(v128.and(v128.and(t0, t1), v128.and(t2, t3)))) return 0;
  const low = i32x4.bitmask(t0) | (i32x4.bitmask(t1) << 4);
  return ~(low | (i32x4.bitmask(t2) << 8) | (i32x4.bitmask(t3) << 12));
}

function scoreExactly(scan: Scan, place: i32, near: i32, weight: f64): void {
  const row = load<i32>(at(scan.rowAt, place));
  if (row < 0) return;
  near &= ~(<i32>load<u16>(scan.hidden + ((<usize>row) << 1)));
  const mix = load<i32>(at(scan.mixAt, place));
  const w = f64x2.splat(weight);
  const one = f64x2.splat(1);
  const trend = f64x2.splat(load<f64>(at8(scan.now, row)));
  for (; near !== 0; near &= near - 1) {
    const v = ctz(near);
    const group = load<i32>(at(scan.classOf, v));
    if (load<u8>(scan.closed + <usize>(group * scan.pitch + row)) !== 0) continue;
    const taste = exactTaste(scan, row, v);
    const z = standardised(f64x2.splat(taste), at8(scan.tasteMoments, v), one);
    const genres = standardised(
      v128.load64_splat(at8(line(scan.affinity, mix), v)),
      at8(scan.affinityMoments, v),
      w,
    );
    const total = f64x2.extract_lane(v128.add<f64>(v128.add<f64>(z, trend), genres), 0);
    if (total === total) take(scan, v, row, taste, total);
  }
}

/** As `tastes` of served.ts: s0 + s1 + (s2 + s3). */
function exactTaste(scan: Scan, row: i32, v: i32): f64 {
  const bytes = (<usize>scan.exactStride) << 3;
  const y = scan.exactFilms + <usize>row * bytes;
  const x = scan.exactViewers + <usize>v * bytes;
  let a = f64x2.splat(0);
  let b = a;
  for (let o: usize = 0; o < bytes; o += 32) {
    a = v128.add<f64>(a, v128.mul<f64>(v128.load(x + o), v128.load(y + o)));
    b = v128.add<f64>(b, v128.mul<f64>(v128.load(x + o, 16), v128.load(y + o, 16)));
  }
  const low = f64x2.extract_lane(a, 0) + f64x2.extract_lane(a, 1);
  return low + (f64x2.extract_lane(b, 0) + f64x2.extract_lane(b, 1));
}

/** By (total desc, row asc); the last one of a full list falls off, and what is last then is the bar. */
function take(scan: Scan, v: i32, row: i32, taste: f64, total: f64): void {
  const size = scan.size;
  const rows = at(scan.topRow, v * size);
  const tastes = at8(scan.topTaste, v * size);
  const totals = at8(scan.topTotal, v * size);
  const count = at(scan.found, v);
  let n = load<i32>(count);
  if (n < size) store<i32>(count, n + 1);
  else if (!isBefore(total, row, totals, rows, --n)) return;
  for (; n > 0 && isBefore(total, row, totals, rows, n - 1); n--) {
    store<f64>(at8(totals, n), load<f64>(at8(totals, n - 1)));
    store<f64>(at8(tastes, n), load<f64>(at8(tastes, n - 1)));
    store<i32>(at(rows, n), load<i32>(at(rows, n - 1)));
  }
  store<f64>(at8(totals, n), total);
  store<f64>(at8(tastes, n), taste);
  store<i32>(at(rows, n), row);
  if (load<i32>(count) === size) {
    const last = load<f64>(at8(totals, size - 1));
    store<f32>(at(scan.bar, v), <f32>(last + load<f64>(at8(scan.offset, v))));
  }
}

function isBefore(total: f64, row: i32, totals: usize, rows: usize, n: i32): bool {
  const other = load<f64>(at8(totals, n));
  return total > other || (total === other && row < load<i32>(at(rows, n)));
}
