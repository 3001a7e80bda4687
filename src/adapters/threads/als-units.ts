import { type Phase, runUnit } from '../../core/als/phases.js';
import type { Workspace } from '../../core/als/workspace.js';
import { createReferenceKernel } from '../../kernels/reference/kernel.js';

/** Training's units inside a thread: one kernel with its own scratch memory per thread. */
export function createUnitRunner(workspace: Workspace): (phase: Phase, unit: number) => void {
  const kernel = createReferenceKernel(workspace.hyper.k);
  return (phase, unit) => runUnit(workspace, kernel, phase, unit);
}
