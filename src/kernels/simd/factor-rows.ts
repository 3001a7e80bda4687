import { createArena } from '../../core/als/arena.js';
import type { OrderedViewer } from '../../core/ranking/served-order.js';
import {
  createFactorMoments,
  type FactorMoments,
  FILMS_AT_ONCE,
  type Moments,
  momentsOfTaste,
  type PairProducts,
} from '../../core/ranking/taste-moments.js';
import type { TasteSource } from '../../core/ranking/taste-source.js';
import {
  BLOCK,
  type BestRows,
  type ModelParts,
  NO_ROWS,
  type OrderParts,
  type TasteRows,
} from './order-parts.js';
import { type PackedFilms, packFilms } from './packed-films.js';
import { createPrunedTop } from './pruned-top.js';
import { instantiate } from './wasm.js';

/**
 * Inner products. Lists are taken without scoring every row (pruned-top.ts). Everything of the films' factors is laid out at
 * once; what that returns is called for each catalogue.
 */
export function layFactors(
  { films: factors, k }: TasteSource & { kind: 'factors' },
  { arena, blend }: ModelParts,
): (parts: OrderParts) => TasteRows {
  const { rows, known } = blend;
  const { stride, put } = spread(k);
  const even = rows + (rows % 2);
  const films = arena.float64(even * stride);
  for (let row = 0; row < rows; row++) put(factors, row * k, films, row * stride);
  const factorMoments = createFactorMoments(factors, k, known, pairsByKernel(k));
  const tableRows = k + 1 + ((k + 1) % 2);
  const table = arena.float64(tableRows * stride);
  for (let p = 0; p <= k; p++) put(factorMoments.table, p * k, table, p * stride);
  const packed = packFilms(arena, { films: factors, k }, blend);
  return (parts) => rowsOver(parts, { factorMoments, table, tableRows, films, even, stride, put, packed });
}

/** What layFactors makes. */
interface Laid {
  factorMoments: FactorMoments;
  /** Of factorMoments, as the kernel takes it. */
  table: Float64Array;
  tableRows: number;
  films: Float64Array;
  /** Rows, one more where they are odd. */
  even: number;
  stride: number;
  put: ReturnType<typeof spread>['put'];
  packed: PackedFilms;
}

function rowsOver(
  parts: OrderParts,
  { factorMoments, table, tableRows, films, even, stride, put, packed }: Laid,
): TasteRows {
  const { arena, kernels, tasteMoments } = parts;
  const viewers = arena.float64(BLOCK * stride);
  let taste: Float64Array | null = null; // for whoever asks for every row
  const products = arena.float64(tableRows * BLOCK);
  const pruned = createPrunedTop(parts, packed, { films, viewers, stride });
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
            rows: numbers(row, from, to),
            total: numbers(total, from, to),
            taste: numbers(tastes, from, to),
          };
        });
      };
      const both: [BestRows[], BestRows[]] = [bestOf(false, learnt), bestOf(true, fresh)];
      for (const list of own) for (let n = 0; n < list.length; n++) hidden[list[n]!] = 0;
      return both;
    },
  };
}

/** As Array.from(subarray), but without an iterator, which costs as much as the scan. */
function numbers(from: Int32Array | Float64Array, first: number, end: number): number[] {
  const out: number[] = [];
  for (let n = first; n < end; n++) out.push(from[n]!);
  return out;
}

/** In a memory that is gone afterwards: columns sixteen at a time, as if they were viewers. */
function pairsByKernel(k: number): PairProducts {
  const arena = createArena();
  const kernels = instantiate(arena.memory);
  const blocks = Math.ceil(k / BLOCK);
  const columns = arena.float64(blocks * BLOCK * FILMS_AT_ONCE);
  const products = arena.float64(blocks * BLOCK * BLOCK);
  return (rows, _k, out) => {
    columns.set(rows);
    for (let first = 0; first < k; first += BLOCK) {
      const from = columns.byteOffset + first * FILMS_AT_ONCE * 8;
      kernels.tastes(columns.byteOffset, k + (k % 2), from, FILMS_AT_ONCE, products.byteOffset);
      const width = Math.min(BLOCK, k - first);
      for (let i = 0; i < k; i++)
        for (let v = 0; v < width; v++) out[i * k + first + v] = products[i * BLOCK + v]!;
    }
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
