import { fileURLToPath } from 'node:url';
import type { Threads } from '../../src/activities/deps.js';

interface UnitModule {
  createUnitRunner: (data: unknown) => (phase: string, unit: number) => unknown;
}

/**
 * Crews that run their units in the test's own thread, last unit first, through the module that real threads load. A real
 * thread takes 35 ms of CPU to start, and judging one night starts dozens: where threads are not the point, these do.
 */
export const inlineThreads: Threads = {
  async crew({ module, data, signal }) {
    signal?.throwIfAborted();
    const path = fileURLToPath(module).replace(/\.js$/, '.ts');
    const { createUnitRunner } = (await import(path)) as UnitModule;
    const runUnit = createUnitRunner(structuredClone(data));
    return {
      async run(phase, units, on) {
        signal?.throwIfAborted();
        for (let unit = units - 1; unit >= 0; unit--) {
          const result = runUnit(phase, unit);
          if (result !== undefined) on?.onResult?.(unit, result);
        }
        on?.onProgress?.(units, units);
      },
      stop: async () => {},
    };
  },
};
