import type { Arena } from '../../core/als/arena.js';
import type { Blend } from '../../core/ranking/blend.js';
import type { RankedRows } from '../../core/ranking/new-films.js';
import type { ListLimits, OrderedViewer } from '../../core/ranking/served-order.js';
import type { Kernels } from './wasm.js';

/** Viewers of a block, as in src/kernels/assembly/served.ts. */
export const BLOCK = 16;

/** What is laid out once a model. */
export interface ModelParts {
  arena: Arena;
  kernels: Kernels;
  blend: Pick<Blend, 'rows' | 'known' | 'now'>;
  /** Of each row. */
  now: Float64Array;
}

/** What the order of a block is made of; moments are a line of means, then one of deviations. */
export interface OrderParts extends ModelParts {
  blend: Blend;
  mixOfRow: Int32Array;
  /** mixes × BLOCK */
  affinity: Float64Array;
  /** Out: written by TasteRows.moments. */
  tasteMoments: Float64Array;
  affinityMoments: Float64Array;
}

/** Rows of the model, best first, with the taste that is in their totals. */
export interface BestRows extends RankedRows {
  taste: readonly number[];
}
export const NO_ROWS: BestRows = { rows: [], total: [], taste: [] };

/** What viewers of a block may get. */
export interface Wanted {
  limits: readonly ListLimits[];
  /** Classes of closed rows, as bytes: classes × pitch. */
  closed: Int32Array;
  pitch: number;
  classOf: Int32Array;
  /** Totals of every row, rows × BLOCK, for whoever needs them. */
  totals: () => Float64Array;
}

/** Tastes of a block's viewers from one kind of source. */
export interface TasteRows {
  begin(block: readonly OrderedViewer[]): void;
  /** Of every row: rows × BLOCK. Worked out once a block. */
  rows(): Float64Array;
  moments(): void;
  /** After moments: of each viewer the best learnt rows and the best new ones, so many of each. Last of a block. */
  best(wanted: Wanted, sizes: readonly [learnt: number, fresh: number]): [BestRows[], BestRows[]];
}
