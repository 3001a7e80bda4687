import type { OrderedViewer } from '../../core/ranking/served-order.js';
import { type ItemWeights, tasteInto } from '../../core/ranking/taste-source.js';
import { BLOCK, type BestRows, NO_ROWS, type OrderParts, type TasteRows } from './order-parts.js';

/** Sums of rows, as plain as can be: nothing is copied, and the weights stay in memory that threads share. */
export function createItemRows(
  items: ItemWeights,
  { arena, kernels, blend: { rows, known }, tasteMoments }: OrderParts,
): TasteRows {
  const taste = arena.float64(rows * BLOCK);
  const own = new Float64Array(rows);
  const found = arena.int32(BLOCK);
  const last = arena.float64(BLOCK);
  let listed = arena.int32(0);
  let listedTotals = arena.float64(0);
  let block: readonly OrderedViewer[] = [];

  return {
    begin(viewers) {
      block = viewers;
      taste.fill(0);
      block.forEach(({ x }, v) => {
        if (x === null) return;
        tasteInto(items, x, own);
        for (let row = 0, at = v; row < rows; row++, at += BLOCK) taste[at] = own[row]!;
      });
    },
    rows: () => taste,
    moments: () => kernels.moments(taste.byteOffset, known, tasteMoments.byteOffset),
    best({ limits, closed, pitch, classOf, totals }, [learnt, fresh]) {
      const total = totals();
      limits.forEach(({ hidden }, v) => {
        for (let n = 0; n < hidden.length; n++) total[hidden[n]! * BLOCK + v] = Number.NaN;
      });
      const bestOf = (from: number, to: number, size: number): BestRows[] => {
        if (size === 0 || from === to) return block.map(() => NO_ROWS);
        if (BLOCK * size > listed.length) {
          listed = arena.int32(BLOCK * size);
          listedTotals = arena.float64(BLOCK * size);
        }
        kernels.topServed(
          total.byteOffset + from * BLOCK * 8,
          to - from,
          block.length,
          closed.byteOffset + from,
          pitch,
          classOf.byteOffset,
          size,
          listed.byteOffset,
          listedTotals.byteOffset,
          found.byteOffset,
          last.byteOffset,
        );
        return block.map((_, v) => {
          const [first, end] = [v * size, v * size + found[v]!];
          const top = Array.from(listed.subarray(first, end), (row) => from + row);
          return {
            rows: top,
            total: Array.from(listedTotals.subarray(first, end)),
            taste: top.map((row) => taste[row * BLOCK + v]!),
          };
        });
      };
      return [bestOf(0, known, learnt), bestOf(known, rows, fresh)];
    },
  };
}
