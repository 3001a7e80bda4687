import { type Phase, runUnit } from '../../core/als/phases.js';
import type { Workspace } from '../../core/als/workspace.js';
import { createSimdKernel } from '../../kernels/simd/kernel.js';

/** Training's units inside a thread: one kernel with its own scratch memory per thread. */
export function createUnitRunner(workspace: Workspace): (phase: Phase, unit: number) => void {
  const kernel = createSimdKernel(workspace.memory, workspace.hyper.k);
  return (phase, unit) => runUnit(workspace, kernel, phase, unit);
}
