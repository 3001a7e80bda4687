import { createArena } from '../../core/als/arena.js';
import type { Blend } from '../../core/ranking/blend.js';
import type {
  CreateServedOrder,
  OrderedViewer,
  ServedOrder,
  TopRows,
} from '../../core/ranking/served-order.js';
import { mergeNewFilms, placesForNew } from '../../core/ranking/new-films.js';
import { BLOCK, type BestRows, type ModelParts, type OrderParts, type TasteRows } from './order-parts.js';
import { layFactors } from './factor-rows.js';
import { createItemRows } from './item-rows.js';
import { instantiate } from './wasm.js';

/** The kernels of src/kernels/assembly/served.ts and scan.ts, in a memory of their own. */
export const createSimdOrder: CreateServedOrder = (source, first) => {
  const arena = createArena();
  const kernels = instantiate(arena.memory);
  const now = arena.float64(first.rows);
  now.set(first.now);
  const model: ModelParts = { arena, kernels, blend: first, now };
  const rowsOver =
    source.kind === 'factors'
      ? layFactors(source, model)
      : (parts: OrderParts) => createItemRows(source, parts);
  const giveBack = arena.mark();
  const over = (blend: Blend): ServedOrder => {
    if (blend.known !== first.known || !isSame(blend.now, first.now))
      throw new Error('an order is laid out for one model; this blend is of another');
    giveBack();
    return orderOver(model, blend, rowsOver, over);
  };
  return over(first);
};

function isSame(a: Float64Array, b: Float64Array): boolean {
  return a.length === b.length && a.every((value, n) => Object.is(value, b[n]));
}

function orderOver(
  model: ModelParts,
  blend: Blend,
  rowsOver: (parts: OrderParts) => TasteRows,
  over: ServedOrder['over'],
): ServedOrder {
  const { arena, kernels, now } = model;
  const { rows, known, genreWeight, newPerTwenty: perTwenty } = blend;
  const genres = blend.genreNames.length;
  const mixes = blend.mixes.known.length;
  const mixStart = arena.int32(mixes + 1);
  mixStart.set(blend.mixes.start);
  const mixGenre = arena.int32(blend.mixes.genre.length);
  mixGenre.set(blend.mixes.genre);
  const mixKnown = arena.float64(mixes);
  mixKnown.set(blend.mixes.known);
  const mixOfRow = arena.int32(rows);
  mixOfRow.set(blend.mixes.ofRow);
  const likes = arena.float64(genres * BLOCK);
  const affinity = arena.float64(mixes * BLOCK);
  const tasteMoments = arena.float64(2 * BLOCK);
  const affinityMoments = arena.float64(2 * BLOCK);
  const classOf = arena.int32(BLOCK);
  const pitch = Math.ceil(rows / 4) * 4;
  let closed = arena.int32(0);
  let classes = 0;
  let total: Float64Array | null = null; // for whoever asks for every row

  const tastes = rowsOver({ ...model, blend, mixOfRow, affinity, tasteMoments, affinityMoments });

  let block: readonly OrderedViewer[] = [];
  /** Whoever asks for taste alone does without. */
  let hasMoments = false;

  function needMoments(): void {
    if (hasMoments) return;
    hasMoments = true;
    kernels.affinities(
      likes.byteOffset,
      mixes,
      mixStart.byteOffset,
      mixGenre.byteOffset,
      affinity.byteOffset,
    );
    kernels.mixMoments(affinity.byteOffset, mixKnown.byteOffset, mixes, known, affinityMoments.byteOffset);
    tastes.moments();
  }

  function totals(): Float64Array {
    needMoments();
    total ??= arena.float64(rows * BLOCK);
    kernels.totals(
      tastes.rows().byteOffset,
      tasteMoments.byteOffset,
      now.byteOffset,
      affinity.byteOffset,
      mixOfRow.byteOffset,
      affinityMoments.byteOffset,
      genreWeight,
      rows,
      total.byteOffset,
    );
    return total;
  }

  function standardised(value: number, moments: Float64Array, viewer: number, weight: number): number {
    const deviation = moments[BLOCK + viewer]!;
    return deviation === 0 || weight === 0 ? 0 : (weight * (value - moments[viewer]!)) / deviation;
  }

  function withParts({ rows: top, total: of, taste }: BestRows, viewer: number): TopRows {
    return {
      rows: top,
      total: of,
      taste: taste.map((value) => standardised(value, tasteMoments, viewer, 1)),
      genres: top.map((row) => {
        const value = affinity[mixOfRow[row]! * BLOCK + viewer]!;
        return standardised(value, affinityMoments, viewer, genreWeight);
      }),
    };
  }

  function merged(others: BestRows, fresh: BestRows, size: number): BestRows {
    if (fresh.rows.length === 0) return others;
    const both = mergeNewFilms(others, fresh, { size, perTwenty });
    const tasteOf = new Map(
      [others, fresh].flatMap(({ rows: of, taste }) => of.map((row, n) => [row, taste[n]!] as const)),
    );
    return { ...both, taste: both.rows.map((row) => tasteOf.get(row)!) };
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
    score(viewers) {
      block = viewers;
      likes.fill(0);
      block.forEach(({ genreTaste }, v) => genreTaste?.forEach((value, g) => (likes[g * BLOCK + v] = value)));
      tastes.begin(block);
      hasMoments = false;
    },
    tasteInto(viewer, out) {
      const own = tastes.rows();
      for (let row = 0, at = viewer; row < rows; row++, at += BLOCK) out[row] = own[at]!;
    },
    totalInto(viewer, out) {
      const own = totals();
      for (let row = 0, at = viewer; row < rows; row++, at += BLOCK) out[row] = own[at]!;
    },
    top(limits, size) {
      needMoments();
      limits.forEach(({ group }, v) => (classOf[v] = group));
      const wanted = { limits, closed, pitch, classOf, totals };
      const [others, fresh] = tastes.best(wanted, [size, placesForNew(size, perTwenty)]);
      return limits.map((_, v) => withParts(merged(others[v]!, fresh[v]!, size), v));
    },
    over,
  };
}
