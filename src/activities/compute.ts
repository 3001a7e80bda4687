import type { TrainOptions } from '../core/als/train.js';
import type { Workspace } from '../core/als/workspace.js';
import type { EaseWorkspace } from '../core/ease/workspace.js';
import type { Interval } from '../core/metrics/bootstrap.js';
import type { Judgement } from '../core/metrics/judgement.js';
import type { ListJudgement } from '../core/metrics/list-judgement.js';
import type { SliceTests } from '../core/metrics/slice-tests.js';

/** CPU work in worker threads, off the event loop. */
export interface Threads {
  crew(job: CrewJob): Promise<Crew>;
}
export interface CrewJob {
  /** A built module that exports `createUnitRunner(data): (phase, unit) => result`; loaded once per thread. */
  module: URL;
  /** Structured-cloned into each thread; arrays over SharedArrayBuffer stay shared. */
  data: unknown;
  threads: number;
  /** Aborting it ends the threads. */
  signal?: AbortSignal;
}
export interface Crew {
  /** Runs every unit of a phase once, in any order; results that are not undefined come back by `onResult`. */
  run(
    phase: string,
    units: number,
    on?: {
      onResult?: (unit: number, result: unknown) => void;
      onProgress?: (done: number, of: number) => void;
    },
  ): Promise<void>;
  stop(): Promise<void>;
}

/** Fits models; the same bytes for any number of threads. */
export interface Trainer {
  /** Implicit ALS: leaves the factors in the workspace; returns each epoch's loss. Throws ModelDiverged. */
  train(
    workspace: Workspace,
    options: TrainOptions & {
      threads: number;
      signal?: AbortSignal;
      onProgress?: (done: { epoch: number; rows: number; of: number }) => void;
    },
  ): Promise<number[]>;
  /** Leaves the weights in the workspace. Throws NotInvertible. */
  fitEase(
    workspace: EaseWorkspace,
    options: { threads: number; signal?: AbortSignal; onProgress?: (share: number) => void },
  ): Promise<void>;
}

/** Measures rankings, off the event loop; the same numbers for any number of threads. */
export interface Judge {
  /** Fills what a judgement has to be filled. */
  rank(judgement: Judgement, options: JudgeOptions): Promise<void>;
  /** Measures the ranked lists: fills `values`. */
  lists(lists: ListJudgement, options: JudgeOptions): Promise<void>;
  /** Tests each slice for harm: fills `found`. */
  slices(tests: SliceTests, options: JudgeOptions): Promise<void>;
  /** Seeded percentile bootstrap of the mean of paired differences (one per viewer, at least one). */
  interval(
    differences: Float64Array,
    options: JudgeOptions & { seed: number; resamples: number },
  ): Promise<Interval>;
}
export interface JudgeOptions {
  threads: number;
  signal?: AbortSignal;
  onProgress?: (done: number, of: number) => void;
}
