import type { Effort, TrainingRecord } from '../contracts/index.js';
import type { ColdFilm } from '../core/als/film-content.js';
import type { EarlierModel } from './champion.js';
import type { TrainingData } from './training-cells.js';

export interface Training {
  data: TrainingData;
  recipe: string;
  /** A model of the same recipe to start from; null = from the seeds. EASE starts from nothing. */
  earlier: EarlierModel | null;
  signal: AbortSignal;
  say: (details: unknown) => void;
}

/** A model as it will be published. */
export interface TrainedModel {
  record: TrainingRecord;
  /** Of each film (core/ranking/model-files.ts). */
  numbers: Float32Array<ArrayBuffer>;
  /** Films that were not learnt, by their facts. */
  cold: { films: readonly ColdFilm[]; numbers: Float32Array<ArrayBuffer> };
  /** Of the fit; undefined where a killed attempt did a part of it. */
  effort: Effort | undefined;
}
