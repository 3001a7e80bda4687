import { createArena } from '../../core/als/arena.js';
import type { CreateServedOrder, OrderedViewer, TopRows } from '../../core/ranking/served-order.js';
import { mergeNewFilms, placesForNew, type RankedRows } from '../../core/ranking/new-films.js';
import { type ItemWeights, tasteInto, type TasteSource } from '../../core/ranking/taste-source.js';
import { instantiate } from './wasm.js';

/** As in src/kernels/assembly/served.ts. */
const BLOCK = 16;

/** Writes the taste of every row for the viewers of a block: rows × BLOCK. */
type Tastes = (block: readonly OrderedViewer[]) => void;

/** The kernels of src/kernels/assembly/served.ts, in a memory of their own. */
export const createSimdOrder: CreateServedOrder = (source, blend) => {
  const { rows, known, genreWeight, newPerTwenty: perTwenty } = blend;
  const genres = blend.genreNames.length;
  const arena = createArena();
  const kernels = instantiate(arena.memory);
  const even = rows + (rows % 2);
  const now = arena.float64(rows);
  now.set(blend.now);
  const { start, genre, mixOfRow } = mixesOf(blend);
  const mixes = start.length - 1;
  const mixStart = arena.int32(mixes + 1);
  mixStart.set(start);
  const mixGenre = arena.int32(genre.length);
  mixGenre.set(genre);
  const place = arena.int32(rows);
  place.set(mixOfRow);

  const likes = arena.float64(genres * BLOCK);
  const affinity = arena.float64(mixes * BLOCK);
  const taste = arena.float64(even * BLOCK);
  const tastes = source.kind === 'factors' ? byFactors(source) : byItems(source);
  const total = arena.float64(rows * BLOCK);
  const tasteMoments = arena.float64(2 * BLOCK);
  const affinityMoments = arena.float64(2 * BLOCK);
  const classOf = arena.int32(BLOCK);
  const found = arena.int32(BLOCK);
  const last = arena.float64(BLOCK);
  let closed = arena.int32(0);
  let classes = 0;
  let isBlended = false;
  const pitch = Math.ceil(rows / 4) * 4;
  let listed = arena.int32(0);
  let totals = arena.float64(0);

  /** Over a copy of the factors. */
  function byFactors({ films: factors, k }: TasteSource & { kind: 'factors' }): Tastes {
    const columns = spread(k);
    const { stride } = columns;
    const films = arena.float64(even * stride);
    for (let row = 0; row < rows; row++) columns.put(factors, row * k, films, row * stride);
    const viewers = arena.float64(BLOCK * stride);
    return (block) => {
      viewers.fill(0);
      block.forEach(({ x }, v) => {
        if (x !== null) columns.put(x, 0, viewers, v * stride);
      });
      kernels.tastes(films.byteOffset, even, viewers.byteOffset, stride, taste.byteOffset);
    };
  }

  /** Sums of rows, as plain as can be: nothing is copied, and the weights stay in memory that threads share. */
  function byItems(items: ItemWeights): Tastes {
    const own = new Float64Array(rows);
    return (block) => {
      taste.fill(0);
      block.forEach(({ x }, v) => {
        if (x === null) return;
        tasteInto(items, x, own);
        for (let row = 0, at = v; row < rows; row++, at += BLOCK) taste[at] = own[row]!;
      });
    };
  }

  /** Whoever asks for taste alone does without. */
  function blendBlock(): void {
    if (isBlended) return;
    isBlended = true;
    kernels.affinities(
      likes.byteOffset,
      mixes,
      mixStart.byteOffset,
      mixGenre.byteOffset,
      affinity.byteOffset,
    );
    kernels.moments(taste.byteOffset, 0, known, tasteMoments.byteOffset);
    kernels.moments(affinity.byteOffset, place.byteOffset, known, affinityMoments.byteOffset);
    kernels.totals(
      taste.byteOffset,
      tasteMoments.byteOffset,
      now.byteOffset,
      affinity.byteOffset,
      place.byteOffset,
      affinityMoments.byteOffset,
      genreWeight,
      rows,
      total.byteOffset,
    );
  }

  function standardised(value: number, moments: Float64Array, viewer: number, weight: number): number {
    const deviation = moments[BLOCK + viewer]!;
    return deviation === 0 || weight === 0 ? 0 : (weight * (value - moments[viewer]!)) / deviation;
  }

  /** The best of rows from … to−1 for each of `viewers` viewers. */
  function bestOf(viewers: number, from: number, to: number, size: number): RankedRows[] {
    if (size === 0 || from === to) return Array.from({ length: viewers }, () => ({ rows: [], total: [] }));
    if (BLOCK * size > listed.length) {
      listed = arena.int32(BLOCK * size);
      totals = arena.float64(BLOCK * size);
    }
    kernels.topServed(
      total.byteOffset + from * BLOCK * 8,
      to - from,
      viewers,
      closed.byteOffset + from,
      pitch,
      classOf.byteOffset,
      size,
      listed.byteOffset,
      totals.byteOffset,
      found.byteOffset,
      last.byteOffset,
    );
    return Array.from({ length: viewers }, (_, v) => {
      const [first, end] = [v * size, v * size + found[v]!];
      return {
        rows: Array.from(listed.subarray(first, end), (row) => from + row),
        total: Array.from(totals.subarray(first, end)),
      };
    });
  }

  function withParts({ rows: top, total: of }: RankedRows, viewer: number): TopRows {
    return {
      rows: top,
      total: of,
      taste: top.map((row) => standardised(taste[row * BLOCK + viewer]!, tasteMoments, viewer, 1)),
      genres: top.map((row) => {
        const value = affinity[place[row]! * BLOCK + viewer]!;
        return standardised(value, affinityMoments, viewer, genreWeight);
      }),
    };
  }

  return {
    block: BLOCK,
    addClass(bits) {
      if ((classes + 1) * pitch > closed.byteLength) {
        const wider = arena.int32((Math.max(1, 2 * classes) * pitch) / 4); // doubled: an arena gives nothing back
        wider.set(closed);
        closed = wider;
      }
      new Uint8Array(arena.memory.buffer, closed.byteOffset + classes * pitch, rows).set(bits);
      return classes++;
    },
    score(block) {
      likes.fill(0);
      block.forEach(({ genreTaste }, v) => genreTaste?.forEach((value, g) => (likes[g * BLOCK + v] = value)));
      tastes(block);
      isBlended = false;
    },
    tasteInto(viewer, out) {
      for (let row = 0, at = viewer; row < rows; row++, at += BLOCK) out[row] = taste[at]!;
    },
    totalInto(viewer, out) {
      blendBlock();
      for (let row = 0, at = viewer; row < rows; row++, at += BLOCK) out[row] = total[at]!;
    },
    top(limits, size) {
      blendBlock();
      limits.forEach(({ hidden, group }, v) => {
        classOf[v] = group;
        for (const row of hidden) total[row * BLOCK + v] = Number.NaN;
      });
      const others = bestOf(limits.length, 0, known, size);
      const fresh = bestOf(limits.length, known, rows, placesForNew(size, perTwenty));
      const quota = { size, perTwenty };
      return limits.map((_, v) => withParts(mergeNewFilms(others[v]!, fresh[v]!, quota), v));
    },
  };
};

/**
 * Rows of k numbers for the kernel's four sums: `dot` (core/als/dense.ts) adds what is left of k after its last four columns to its
 * first sum, so each such column gets four places, of which it fills the first.
 */
function spread(k: number) {
  const whole = k & ~3;
  return {
    stride: whole + 4 * (k - whole),
    put(from: ArrayLike<number>, at: number, to: Float64Array, out: number): void {
      for (let j = 0; j < whole; j++) to[out + j] = from[at + j]!;
      for (let j = whole; j < k; j++) to[out + whole + 4 * (j - whole)] = from[at + j]!;
    },
  };
}

/** The different lists of genres among the films, in the order in which a film gives them, and each film's. */
function mixesOf({ genreStart, genre, rows }: { genreStart: Int32Array; genre: Int32Array; rows: number }) {
  const known = new Map<string, number>();
  const start = [0];
  const genres: number[] = [];
  const mixOfRow = new Int32Array(rows);
  for (let row = 0; row < rows; row++) {
    const own = genre.subarray(genreStart[row]!, genreStart[row + 1]!);
    const key = own.join();
    let mix = known.get(key);
    if (mix === undefined) {
      mix = known.size;
      known.set(key, mix);
      genres.push(...own);
      start.push(genres.length);
    }
    mixOfRow[row] = mix;
  }
  return { start, genre: genres, mixOfRow };
}
