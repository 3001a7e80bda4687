import type { OrderedViewer } from '../../core/ranking/served-order.js';
import type { Moments } from '../../core/ranking/taste-moments.js';
import { BLOCK, type OrderParts, type Wanted } from './order-parts.js';
import type { PackedFilms } from './packed-films.js';

/** Films and viewers in double precision, rows of `stride`, for the exact totals. */
interface Exact {
  films: Float64Array;
  viewers: Float64Array;
  stride: number;
}

/** Rows of the model and what they got, viewer by viewer: found[v] of them from [v · size] on. */
export interface PrunedRows {
  row: Int32Array;
  taste: Float64Array;
  total: Float64Array;
  found: Int32Array;
}

/**
 * The best rows without scoring all of them (src/kernels/assembly/scan.ts), for films by factors. For viewer u and film i
 *   total = z(x·y_i) + now_i + g_ui,   z(t) = (t − m_u)/s_u,   so with q = x/s_u
 *   total ≤ ‖q‖‖y_i‖ + now_i + max g_u − m_u/s_u                    (Cauchy and Schwarz).
 * A tile of films is passed over when its largest norm and trend leave that bound below the last total of every list. Films of
 * other tiles get q·y_i + now_i + g_ui in single precision, and those not below the same bar their exact total.
 */
export function createPrunedTop(
  { arena, kernels, blend, now, affinity, tasteMoments, affinityMoments }: OrderParts,
  { k, count, learnt, stride, rowAt, packed, trend, tileNorm, tileTrend, ...most }: PackedFilms,
  exact: Exact,
) {
  const { rows, genreWeight } = blend;
  const mixAt = arena.int32(count);
  for (let place = 0; place < count; place++) {
    const row = rowAt[place]!;
    if (row >= 0) mixAt[place] = blend.mixes.ofRow[row]!;
  }
  const mixes = blend.mixes.known.length;
  const viewers = arena.float32(stride * BLOCK);
  const viewerNorm = arena.float32(BLOCK);
  const genres = arena.float32(mixes * BLOCK);
  const genresMost = arena.float32(BLOCK);
  const offset = arena.float64(BLOCK);
  const words = arena.int32(Math.ceil(rows / 2));
  const hidden = new Uint16Array(words.buffer, words.byteOffset, rows);
  const bar = arena.float32(BLOCK);
  const scan = arena.int32(FIELDS);
  let out: PrunedRows = outOf(0);

  function outOf(size: number): PrunedRows {
    return {
      row: arena.int32(BLOCK * size),
      taste: arena.float64(BLOCK * size),
      total: arena.float64(BLOCK * size),
      found: arena.int32(BLOCK),
    };
  }

  /** In the order of class Scan. */
  function describe({ closed, pitch, classOf }: Wanted, size: number): void {
    const films = [rowAt, packed, stride, trend, mixAt, tileNorm, tileTrend];
    const ofViewers = [viewers, viewerNorm, genresMost, genres, offset];
    const exactly = [exact.films, exact.viewers, exact.stride, now, tasteMoments, affinity, affinityMoments];
    const limits = [hidden, closed, pitch, classOf];
    const lists = [size, out.row, out.taste, out.total, out.found, bar];
    const fields = [...films, ...ofViewers, ...exactly, ...limits, ...lists];
    scan.set(fields.map((field) => (typeof field === 'number' ? field : field.byteOffset)));
  }

  return {
    /** Bits of viewers that never get a row; whoever sets one takes it away after the list. */
    hidden,
    /** A block whose affinities and moments lie where the parts say. */
    begin(block: readonly OrderedViewer[], moments: readonly Moments[]): void {
      viewers.fill(0);
      kernels.genreLines(
        affinity.byteOffset,
        affinityMoments.byteOffset,
        genreWeight,
        mixes,
        genres.byteOffset,
        genresMost.byteOffset,
      );
      block.forEach(({ x }, v) => {
        const { mean, deviation } = moments[v]!;
        const scale = x === null || deviation === 0 ? 0 : 1 / deviation;
        let square = 0;
        for (let j = 0; x !== null && j < k; j++) {
          const q = x[j]! * scale;
          square += q * q;
          viewers[j * BLOCK + v] = q;
        }
        const norm = Math.sqrt(square);
        const centre = mean * scale;
        viewerNorm[v] = norm;
        const size =
          norm * most.largestNorm + most.largestTrend + Math.abs(genresMost[v]!) + Math.abs(centre);
        offset[v] = centre - roundingOf(size, k);
      });
    },
    /** The best of the learnt rows, or of the new ones; valid until the next call. */
    top(wanted: Wanted, isNew: boolean, size: number): PrunedRows {
      if (BLOCK * size > out.row.length) out = outOf(size);
      describe(wanted, size);
      const [first, end] = isNew ? [learnt, count] : [0, learnt];
      kernels.topPruned(scan.byteOffset, wanted.limits.length, first, end, genreWeight);
      return out;
    },
  };
}

/** Of class Scan. */
const FIELDS = 29;

/**
 * How far a total in single precision, or the bound of a tile, may be from the exact one: q and y are rounded (2u), a sum of k
 * rounded products is off by at most γ_k‖q‖‖y‖, γ_k = k u/(1 − k u), u = 2^-24 (Higham 2002, 3.1), norms and their product
 * are rounded (3u), trend, genres and bar are (u each), and so are the sums of three such terms. All of it is less than
 * (k + 16)u times the sum of the largest terms; four times as much is allowed.
 */
function roundingOf(size: number, k: number): number {
  return (k + 16) * 2 ** -22 * size;
}
