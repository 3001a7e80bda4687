import type { Judge, JudgeOptions, Threads } from '../../activities/deps.js';
import { sharedFloat64 } from '../../core/als/cells.js';
import { RESAMPLES_PER_UNIT, percentileInterval } from '../../core/metrics/bootstrap.js';
import { listUnits } from '../../core/metrics/list-judgement.js';
import { judgementUnits } from '../../core/metrics/rank-viewers.js';
import type { JudgeWork } from './judge-units.js';

/** Full-catalogue ranking, list metrics, slice tests and bootstrap on a crew of threads. */
export function createJudge(threads: Threads): Judge {
  const runAll = async (work: JudgeWork, units: number, options: JudgeOptions) => {
    const crew = await threads.crew({
      module: new URL('./judge-units.js', import.meta.url),
      data: work,
      threads: Math.max(1, Math.min(options.threads, units)),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    try {
      const { onProgress } = options;
      await crew.run(work.kind, units, onProgress === undefined ? {} : { onProgress });
    } finally {
      await crew.stop();
    }
  };

  return {
    async rank(judgement, options) {
      await runAll({ kind: 'rank', judgement }, judgementUnits(judgement), options);
    },
    async lists(lists, options) {
      await runAll({ kind: 'lists', lists }, listUnits(lists), options);
    },
    async slices(tests, options) {
      await runAll({ kind: 'slices', tests }, tests.slices.length, options);
    },
    async interval(differences, { seed, resamples, ...options }) {
      const means = sharedFloat64(resamples);
      const units = Math.ceil(resamples / RESAMPLES_PER_UNIT);
      await runAll({ kind: 'resample', differences, seed, means }, units, options);
      return percentileInterval(differences, means);
    },
  };
}
