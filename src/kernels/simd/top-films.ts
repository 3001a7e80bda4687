import { createArena } from '../../core/als/arena.js';
import { strideOf } from '../../core/als/kernels.js';
import type { CreateTopScorer, TopRequest } from '../../core/ranking/top-films.js';
import { instantiate } from './wasm.js';

/** As in src/kernels/assembly/top.ts. */
const TILE = 256;
/** Viewers of one call into the kernel; a longer request is cut. */
const VIEWERS = 256;

/** The kernel with exact norm pruning (src/kernels/assembly/top.ts), over a copy of the films in a memory of its own. */
export const createSimdTopScorer: CreateTopScorer = (films, k, size) => {
  const arena = createArena();
  const kernels = instantiate(arena.memory);
  const stride = strideOf(k);
  const rows = films.length / k;
  const padded = Math.ceil(rows / TILE) * TILE;
  const norms = normsOf(films, k);
  const place = arena.int32(padded);
  place.set(byNorm(norms));
  const placeOf = new Int32Array(rows);
  for (let n = 0; n < rows; n++) placeOf[place[n]!] = n;
  const packed = arena.float32(padded * stride);
  const tileNorm = arena.float32(Math.max(1, padded / TILE));
  for (let tile = 0; tile < tileNorm.length; tile++) {
    tileNorm[tile] = bound(norms[place[tile * TILE]!] ?? 0, k);
  }
  pack();

  const viewers = arena.float32(VIEWERS * stride);
  const viewerNorm = arena.float32(VIEWERS);
  const classOf = arena.int32(VIEWERS);
  const hiddenStart = arena.int32(VIEWERS + 1);
  const topFilm = arena.int32(VIEWERS * size);
  const topScore = arena.float32(VIEWERS * size);
  const scratch = arena.reserve(kernels.topScratch(stride) >>> 0);
  let hidden = arena.int32(VIEWERS * 64);
  let masks = arena.float32(0);
  let classes = 0;

  /** The rows are copied into the memory in pieces: it then holds them packed only. */
  function pack(): void {
    const piece = arena.float32(TILE * stride);
    const own = arena.int32(TILE);
    own.set(own.map((_, n) => n));
    for (let first = 0; first < rows; first += TILE) {
      const count = Math.min(TILE, rows - first);
      for (let n = 0; n < count; n++) {
        const from = place[first + n]! * k;
        piece.set(films.subarray(from, from + k), n * stride);
      }
      const out = packed.byteOffset + first * stride * 4;
      kernels.packFilms(piece.byteOffset, own.byteOffset, count, stride, out);
    }
  }

  /** Hidden rows as places, ascending per viewer. */
  function setHidden(lists: readonly ArrayLike<number>[]): void {
    const total = lists.reduce((sum, list) => sum + list.length, 0);
    if (total > hidden.length) hidden = arena.int32(total * 2);
    let end = 0;
    hiddenStart[0] = 0;
    lists.forEach((list, v) => {
      const first = end;
      for (let n = 0; n < list.length; n++) hidden[end++] = placeOf[list[n]!]!;
      hidden.subarray(first, end).sort();
      hiddenStart[v + 1] = end;
    });
  }

  function topOf(
    { factors, hidden: lists, classOf: classesOf }: TopRequest,
    first: number,
    count: number,
  ): void {
    for (let v = 0; v < count; v++) {
      const own = factors.subarray((first + v) * k, (first + v + 1) * k);
      viewers.set(own, v * stride);
      viewerNorm[v] = normOf(own);
      classOf[v] = classesOf[first + v]!;
    }
    setHidden(lists.slice(first, first + count));
    kernels.topFilms(
      viewers.byteOffset,
      count,
      packed.byteOffset,
      rows,
      stride,
      place.byteOffset,
      hiddenStart.byteOffset,
      hidden.byteOffset,
      classOf.byteOffset,
      masks.byteOffset,
      padded,
      tileNorm.byteOffset,
      viewerNorm.byteOffset,
      size,
      topFilm.byteOffset,
      topScore.byteOffset,
      scratch,
    );
  }

  return {
    addClass(closed) {
      if ((classes + 1) * padded > masks.length) {
        const wider = arena.float32(Math.max(1, 2 * classes) * padded); // doubled: an arena gives nothing back
        wider.set(masks);
        masks = wider;
      }
      const own = masks.subarray(classes * padded, (classes + 1) * padded).fill(-Infinity);
      for (let n = 0; n < rows; n++) own[n] = closed[place[n]!] === 0 ? 0 : -Infinity;
      return classes++;
    },
    top(request) {
      const count = request.factors.length / k;
      const film = new Int32Array(count * size);
      const score = new Float32Array(count * size);
      for (let first = 0; first < count; first += VIEWERS) {
        const now = Math.min(VIEWERS, count - first);
        topOf(request, first, now);
        film.set(topFilm.subarray(0, now * size), first * size);
        score.set(topScore.subarray(0, now * size), first * size);
      }
      return { film, score };
    },
  };
};

function normOf(row: Float32Array): number {
  let square = 0;
  for (const value of row) square += value * value;
  return Math.sqrt(square);
}

function normsOf(films: Float32Array, k: number): Float64Array {
  return Float64Array.from({ length: films.length / k }, (_, row) =>
    normOf(films.subarray(row * k, (row + 1) * k)),
  );
}

/** Rows by falling norm; of equal norms the lower row first. A norm that is not a number comes first: it prunes nothing. */
function byNorm(norms: Float64Array): Int32Array {
  const key = (row: number) => (Number.isNaN(norms[row]!) ? Infinity : norms[row]!);
  return Int32Array.from(norms.keys()).sort((a, b) => key(b) - key(a) || a - b);
}

/**
 * A film norm so large that its product with a viewer's norm bounds the computed score: a sum of k rounded products is off
 * by at most γ_k‖x‖‖y‖, γ_k = k u/(1 − k u), u = 2^-24 (Higham 2002, 3.1), and both norms and their product are rounded,
 * by u each. (1 + γ_k)(1 + u)³ < 1 + (k + 4)·2^-23 for k ≤ 2^20.
 */
function bound(norm: number, k: number): number {
  return norm * (1 + (k + 4) * 2 ** -23);
}
