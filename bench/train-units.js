// Units of bench/train.js inside a thread where the number of steps is not a night's.
import { runUnit } from '../dist/core/als/phases.js';
import { createSimdKernel } from '../dist/kernels/simd/kernel.js';

/** `job`: { workspace, steps: number } */
export function createUnitRunner({ workspace, steps }) {
  const kernel = createSimdKernel(workspace.memory, workspace.hyper.k, steps);
  return (phase, unit) => runUnit(workspace, kernel, phase, unit);
}
