import { RESAMPLES_PER_UNIT, resampleMeans } from '../../core/metrics/bootstrap.js';
import type { Judgement } from '../../core/metrics/judgement.js';
import { type ListJudgement, createListMeter } from '../../core/metrics/list-judgement.js';
import { createViewerRanker } from '../../core/metrics/rank-viewers.js';
import { type SliceTests, testSlice } from '../../core/metrics/slice-tests.js';
import { createSimdOrder } from '../../kernels/simd/served-order.js';

export type JudgeWork =
  | { kind: 'rank'; judgement: Judgement }
  | { kind: 'lists'; lists: ListJudgement }
  | { kind: 'slices'; tests: SliceTests }
  | {
      kind: 'resample';
      /** One paired difference per viewer. */
      differences: Float64Array;
      seed: number;
      /** Out, shared: one mean per resample. */
      means: Float64Array;
    };

/** Judging's units inside a thread. */
export function createUnitRunner(work: JudgeWork): (phase: string, unit: number) => void {
  switch (work.kind) {
    case 'rank': {
      const rank = createViewerRanker(work.judgement, createSimdOrder);
      return (_phase, unit) => rank(unit);
    }
    case 'lists': {
      const measure = createListMeter(work.lists);
      return (_phase, unit) => measure(unit);
    }
    case 'slices':
      return (_phase, unit) => testSlice(work.tests, unit);
    case 'resample':
      return (_phase, unit) => {
        const from = unit * RESAMPLES_PER_UNIT;
        const to = Math.min(from + RESAMPLES_PER_UNIT, work.means.length);
        resampleMeans(work.differences, work.seed, from, to, work.means);
      };
  }
}
