import type { OrderedViewer } from '../../core/ranking/served-order.js';
import { createFactorMoments, type Moments, momentsOfTaste } from '../../core/ranking/taste-moments.js';
import type { TasteSource } from '../../core/ranking/taste-source.js';
import { BLOCK, type BestRows, NO_ROWS, type OrderParts, type TasteRows } from './order-parts.js';
import { createPrunedTop } from './pruned-top.js';

/** Inner products. Lists are taken without scoring every row (pruned-top.ts). */
export function createFactorRows(
  { films: factors, k }: TasteSource & { kind: 'factors' },
  parts: OrderParts,
): TasteRows {
  const { arena, kernels, blend, tasteMoments } = parts;
  const { rows, known } = blend;
  const { stride, put } = spread(k);
  const even = rows + (rows % 2);
  const films = arena.float64(even * stride);
  for (let row = 0; row < rows; row++) put(factors, row * k, films, row * stride);
  const viewers = arena.float64(BLOCK * stride);
  let taste: Float64Array | null = null; // for whoever asks for every row

  const factorMoments = createFactorMoments(factors, k, known);
  const tableRows = k + 1 + ((k + 1) % 2);
  const table = arena.float64(tableRows * stride);
  for (let p = 0; p <= k; p++) put(factorMoments.table, p * k, table, p * stride);
  const products = arena.float64(tableRows * BLOCK);

  const pruned = createPrunedTop(parts, { factors, k }, { films, viewers, stride });
  let block: readonly OrderedViewer[] = [];
  let moments: readonly Moments[] = [];
  let hasRows = false;

  return {
    begin(viewersNow) {
      block = viewersNow;
      hasRows = false;
      viewers.fill(0);
      block.forEach(({ x }, v) => {
        if (x !== null) put(x, 0, viewers, v * stride);
      });
    },
    rows() {
      taste ??= arena.float64(even * BLOCK);
      if (!hasRows) kernels.tastes(films.byteOffset, even, viewers.byteOffset, stride, taste.byteOffset);
      hasRows = true;
      return taste;
    },
    moments() {
      kernels.tastes(table.byteOffset, tableRows, viewers.byteOffset, stride, products.byteOffset);
      moments = block.map(({ x }, v) =>
        x === null ? NO_TASTE : momentsOfTaste(factorMoments, x, (p) => products[p * BLOCK + v]!),
      );
      tasteMoments.fill(0);
      moments.forEach(({ mean, deviation }, v) => {
        tasteMoments[v] = mean;
        tasteMoments[BLOCK + v] = deviation;
      });
    },
    best(wanted, [learnt, fresh]) {
      pruned.begin(block, moments);
      const { hidden } = pruned;
      const own = wanted.limits.map((limits) => limits.hidden);
      own.forEach((list, v) => {
        for (let n = 0; n < list.length; n++) hidden[list[n]!]! |= 1 << v;
      });
      const bestOf = (isNew: boolean, size: number): BestRows[] => {
        if (size === 0) return block.map(() => NO_ROWS);
        const { row, total, taste: tastes, found } = pruned.top(wanted, isNew, size);
        return block.map((_, v) => {
          const [from, to] = [v * size, v * size + found[v]!];
          return {
            rows: Array.from(row.subarray(from, to)),
            total: Array.from(total.subarray(from, to)),
            taste: Array.from(tastes.subarray(from, to)),
          };
        });
      };
      const both: [BestRows[], BestRows[]] = [bestOf(false, learnt), bestOf(true, fresh)];
      for (const list of own) for (let n = 0; n < list.length; n++) hidden[list[n]!] = 0;
      return both;
    },
  };
}

const NO_TASTE: Moments = { mean: 0, deviation: 0 };

/**
 * Rows of k numbers for the kernel's four sums: `dot` (core/als/dense.ts) adds what is left of k after its last four columns to its
 * first sum, so each such column gets four places, of which it fills the first.
 */
function spread(k: number) {
  const whole = k & ~3;
  return {
    stride: whole + 4 * (k - whole),
    put: (from: ArrayLike<number>, at: number, to: Float64Array, out: number): void => {
      for (let j = 0; j < whole; j++) to[out + j] = from[at + j]!;
      for (let j = whole; j < k; j++) to[out + whole + 4 * (j - whole)] = from[at + j]!;
    },
  };
}
