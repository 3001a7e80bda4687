// A night's training, but with three steps of conjugate gradients, as many as `implicit` takes: part of bench/train.js, and the
// module of its threads.
import { runUnit } from '../dist/core/als/phases.js';
import { trainIals } from '../dist/core/als/train.js';
import { createSimdKernel } from '../dist/kernels/simd/kernel.js';

const STEPS = 3;

export async function trainByThreeSteps(starter, workspace, { epochs, threads, onEpoch }) {
  const crew = await starter.crew({ module: new URL(import.meta.url), data: workspace, threads });
  try {
    const team = { run: (phase, units) => crew.run(phase, units) };
    return await trainIals(workspace, team, { epochs, solver: 'cg', onEpoch });
  } finally {
    await crew.stop();
  }
}

export function createUnitRunner(workspace) {
  const kernel = createSimdKernel(workspace.memory, workspace.hyper.k, STEPS);
  return (phase, unit) => runUnit(workspace, kernel, phase, unit);
}
