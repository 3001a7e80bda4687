import type { Threads, Trainer } from '../../activities/deps.js';
import type { Team } from '../../core/als/phases.js';
import { trainIals } from '../../core/als/train.js';
import { fitEase } from './ease.js';

/** Training on a crew of threads. Aborting the signal ends the threads at once, in the middle of a row if need be. */
export function createTrainer(threads: Threads): Trainer {
  return {
    fitEase: (workspace, options) => fitEase(threads, workspace, options),
    async train(workspace, { threads: count, signal, onProgress, ...options }) {
      const crew = await threads.crew({
        module: new URL('./als-units.js', import.meta.url),
        data: workspace,
        threads: count,
        ...(signal === undefined ? {} : { signal }),
      });
      const { viewers, films } = workspace;
      const of = viewers.cells.rows + films.cells.rows;
      let epoch = (options.losses?.length ?? 0) + 1;
      const report = (rows: number) => onProgress?.({ epoch, rows, of });
      const team: Team = {
        run(phase, units) {
          switch (phase) {
            case 'solveViewers':
            case 'solveViewersExactly':
              return crew.run(phase, units, { onProgress: (done) => report(viewers.unitStart[done]!) });
            case 'solveFilms':
            case 'solveFilmsExactly':
              return crew.run(phase, units, {
                onProgress: (done) => report(viewers.cells.rows + films.unitStart[done]!),
              });
            case 'gramOfFilms':
            case 'gramOfViewers':
            case 'turn':
            case 'preparePrior':
            case 'fitPrior':
              return crew.run(phase, units);
          }
        },
      };
      try {
        return await trainIals(workspace, team, {
          ...options,
          onEpoch: async (done) => {
            await options.onEpoch?.(done);
            epoch = done.epoch + 1;
          },
        });
      } finally {
        await crew.stop();
      }
    },
  };
}
