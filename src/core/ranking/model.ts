import type { ColdFilm } from '../als/film-content.js';
import type { Hyper } from '../als/kernels.js';
import type { ViewerHistory } from '../als/solve-viewer.js';
import type { Standing } from './blend.js';
import type { TasteSource } from './taste-source.js';

/** A published model; row r is film filmIds[r], ids ascending. Plain data, for threads. */
export type Model = AlsModel | EaseModel;

interface Films {
  filmIds: readonly string[];
  /** Of each row. */
  standing: readonly Standing[];
}

/** Implicit ALS. */
export interface AlsModel extends Films {
  kind: 'als';
  /** Factors of films × k, row-major. */
  factors: Float32Array;
  hyper: Hyper;
  /** Of the catalogue's other films, by their facts alone (core/als/prior.ts): films × k. Absent in models of earlier versions. */
  cold?: { factors: Float32Array; films: readonly ColdFilm[] } | undefined;
}

/** EASE (core/ease/train.ts). */
export interface EaseModel extends Films {
  kind: 'ease';
  /** B, films × films: row j is what liking film j says of every film. */
  weights: Float32Array;
  /** Of other films, by their facts (core/ease/facts.ts): films × cold.films. */
  cold: { weights: Float32Array; films: readonly ColdFilm[] };
}

/** A model's own reading of viewers: the one place where kinds of models differ for lists, reasons and checks. */
export interface Taste {
  /** The films that it has learnt, then the new ones that may be listed; both by ascending id. */
  filmIds: readonly string[];
  source: TasteSource;
  /** Holds scratch memory: one per thread. `slots`: viewers that are kept at once. */
  reader(slots?: number): TasteReader;
}

export interface TasteReader {
  /** x of a history, as the source takes it; valid until the next call for the same slot. */
  read(history: ViewerHistory, slot?: number): ArrayLike<number>;
  /**
   * After read(history, slot): what each film of the history adds to the taste of some rows, row by row; 0 for films that were
   * not liked. Those of a row add up to its taste (science G.1).
   */
  contributions(rows: readonly number[], history: ViewerHistory, slot?: number): Float64Array;
}
