import { type EasePhase, runEaseUnit } from '../../core/ease/train.js';
import type { EaseWorkspace } from '../../core/ease/workspace.js';
import { createSimdEaseKernel } from '../../kernels/simd/ease.js';

/** EASE's units inside a thread. */
export function createUnitRunner(workspace: EaseWorkspace): (phase: EasePhase, unit: number) => void {
  const kernel = createSimdEaseKernel(workspace.memory);
  return (phase, unit) => runEaseUnit(workspace, kernel, phase, unit);
}
