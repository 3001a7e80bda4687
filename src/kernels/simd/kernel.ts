import { arenaOf } from '../../core/als/arena.js';
import { type AlsKernel, CG_STEPS, type HalfStep, strideOf } from '../../core/als/kernels.js';
import { instantiate } from './wasm.js';

/**
 * The kernel of the nights: 128-bit SIMD in single precision (src/kernels/assembly). All arrays that it is given must lie
 * in `memory`. Takes its scratch from there too: one kernel per thread.
 */
export function createSimdKernel(memory: WebAssembly.Memory, k: number, cgSteps = CG_STEPS): AlsKernel {
  const kernels = instantiate(memory);
  const stride = strideOf(k);
  const needs = [kernels.exactScratch(stride), kernels.cgScratch(stride), kernels.turnScratch(stride)];
  const bytes = Math.max(...needs.map((need) => need >>> 0));
  const scratch = arenaOf(memory).reserve(bytes);
  return {
    gram(factors, from, to, out) {
      kernels.gram(factors.byteOffset + from * stride * 4, to - from, stride, out.byteOffset);
    },
    turn(factors, from, to, basis) {
      kernels.turn(factors.byteOffset, from, to, basis.byteOffset, stride, scratch);
    },
    solveRows(step, solver, from, to) {
      const addresses = addressesOf(step, from, to);
      return solver === 'exact'
        ? kernels.solveExact(...addresses, k, stride, scratch)
        : kernels.solveCg(...addresses, stride, cgSteps, scratch);
    },
  };
}

function addressesOf(
  { cells, order, fixed, solved, prior, gram, ridge }: HalfStep,
  from: number,
  to: number,
): [number, number, number, number, number, number, number, number, number, number, number] {
  return [
    order.byteOffset,
    from,
    to,
    cells.start.byteOffset,
    cells.column.byteOffset,
    cells.weightMicro.byteOffset,
    fixed.byteOffset,
    solved.byteOffset,
    prior?.byteOffset ?? 0,
    gram.byteOffset,
    ridge.byteOffset,
  ];
}
