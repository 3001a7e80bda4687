import type { Config, ModelKind } from '../contracts/index.js';
import type { TasteScorer } from '../core/metrics/judgement.js';
import type { Learnt } from '../core/ranking/model-files.js';
import type { Trainer } from './deps.js';
import { fitFactors, foldFactors } from './fit-factors.js';
import { fitItems, foldItems } from './fit-items.js';
import type { TrainingData } from './training-cells.js';

/** A model of a train part, with the judged viewers as it reads them. */
export interface Fit {
  kind: ModelKind;
  scorer: TasteScorer;
  films: number;
  width: number;
  /** The numbers learnt of a film, as they would be published: where they lie. */
  learnt: (film: number) => Float32Array;
  /** All of them, films × width: a copy, as large as the model. */
  published: () => Float32Array<ArrayBuffer>;
  /** Loss of each epoch, where there are epochs. */
  losses: number[];
  /** Films that were not learnt and may be listed, and the scorer with them behind the others, by what their facts say. */
  fresh: { filmIds: string[]; scorer: TasteScorer };
  /** Scores of all films that were not learnt for a viewer, by their facts; null without a prior. */
  cold: ColdScores | null;
}
export type ColdScores = (viewer: number, out: Float64Array) => void;

export interface FitOptions {
  name: string;
  kind: ModelKind;
  config: Pick<Config, 'ials' | 'ease'>;
  training: TrainingData;
  /** Row of each catalogue film in the model, or −1. */
  rowOfFilm: Int32Array;
  /** Row of each measured viewer in the model. */
  rowOfViewer: Int32Array;
  signal: AbortSignal;
  say: (details: unknown) => void;
}

/** Fits a recipe on a train part from its seeds: a model that has not seen the test part. */
export function fitScorer(trainer: Trainer, options: FitOptions): Promise<Fit> {
  return options.kind === 'als' ? fitFactors(trainer, options) : fitItems(trainer, options);
}

/**
 * What another model has learnt, for viewers by the train part's own histories: of factors each viewer's exact half-step
 * towards them. Films that the model does not know score 0.
 */
export function foldIn(trainer: Trainer, options: Omit<FitOptions, 'kind'>, given: Learnt): Promise<Fit> {
  return given.kind === 'als' ? foldFactors(trainer, options, given) : foldItems(options, given);
}
