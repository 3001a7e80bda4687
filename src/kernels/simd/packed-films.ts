import type { Arena } from '../../core/als/arena.js';
import { strideOf } from '../../core/als/kernels.js';
import type { ModelParts } from './order-parts.js';

/** As in src/kernels/assembly/scan.ts. */
const TILE = 32;

/** Films in the order of their promise, in single precision, tile by tile: all of it hangs on the model alone. */
export interface PackedFilms {
  k: number;
  stride: number;
  /** Places, of which the first `learnt` are of learnt films, the others of new ones; both whole tiles. */
  count: number;
  learnt: number;
  /** −1 = none. */
  rowAt: Int32Array;
  packed: Float32Array;
  trend: Float32Array;
  tileNorm: Float32Array;
  tileTrend: Float32Array;
  largestNorm: number;
  largestTrend: number;
}

export function packFilms(
  arena: Arena,
  { films: factors, k }: { films: Float32Array | Float64Array; k: number },
  { rows, known, now }: ModelParts['blend'],
): PackedFilms {
  const stride = strideOf(k);
  const norms = normsOf(factors, k, rows);
  const promise = promiseOf(norms, now, known);
  // new films have lists, and so tiles, of their own
  const places = [inTiles(promise, 0, known), inTiles(promise, known, rows)];
  const count = places[0]!.length + places[1]!.length;
  const rowAt = arena.int32(count);
  rowAt.set(places[0]!);
  rowAt.set(places[1]!, places[0]!.length);

  const packed = arena.float32(count * stride);
  const trend = arena.float32(count);
  const tileNorm = arena.float32(count / TILE).fill(-Infinity);
  const tileTrend = arena.float32(count / TILE).fill(-Infinity);
  for (let place = 0; place < count; place++) {
    const row = rowAt[place]!;
    if (row < 0) continue;
    for (let j = 0; j < k; j++) packed[place * stride + j] = factors[row * k + j]!;
    trend[place] = now[row]!;
    const tile = Math.floor(place / TILE);
    tileNorm[tile] = Math.max(tileNorm[tile]!, norms[row]!); // NaN stays
    tileTrend[tile] = Math.max(tileTrend[tile]!, trend[place]!);
  }
  return {
    k,
    stride,
    count,
    learnt: places[0]!.length,
    rowAt,
    packed,
    trend,
    tileNorm,
    tileTrend,
    largestNorm: largest(norms),
    largestTrend: largest(now.map(Math.abs)),
  };
}

function normsOf(factors: Float32Array | Float64Array, k: number, rows: number): Float64Array {
  const norms = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    let square = 0;
    for (let j = row * k; j < (row + 1) * k; j++) square += factors[j]! * factors[j]!;
    norms[row] = Math.sqrt(square);
  }
  return norms;
}

/**
 * How high a film may come with a viewer who points nowhere in particular: of such a viewer the deviation of x·y is ‖x‖ times
 * the root mean square of a film's factors. Only the order of tiles depends on it.
 */
function promiseOf(norms: Float64Array, now: Float64Array, known: number): Float64Array {
  let square = 0;
  for (let row = 0; row < known; row++) square += norms[row]! ** 2;
  const scale = square > 0 ? 1 / Math.sqrt(square / known) : 0;
  return norms.map((norm, row) => PROMISE * norm * scale + now[row]!);
}
const PROMISE = 4;

/** Rows from … to−1 by falling promise, up to whole tiles (−1). What is not a number comes first. */
function inTiles(promise: Float64Array, from: number, to: number): Int32Array {
  const places = new Int32Array(Math.ceil((to - from) / TILE) * TILE).fill(-1);
  const key = (row: number) => (Number.isNaN(promise[row]!) ? Infinity : promise[row]!);
  const order = Int32Array.from({ length: to - from }, (_, n) => from + n);
  places.set(order.sort((a, b) => key(b) - key(a) || a - b));
  return places;
}

function largest(values: Float64Array): number {
  let most = 0;
  for (const value of values) most = Math.max(most, value); // NaN stays
  return most;
}
