import type { EaseKernel } from '../../core/ease/kernels.js';
import { SWEEP_WIDTH } from '../../core/ease/workspace.js';
import { instantiate } from './wasm.js';

/** 128-bit SIMD in single precision (src/kernels/assembly/inverse.ts), over the workspace's memory. */
export function createSimdEaseKernel(memory: WebAssembly.Memory): EaseKernel {
  const kernels = instantiate(memory);
  return {
    panels({ matrix, size, pivot, inverse, r, w }, from, to) {
      kernels.sweepPanels(
        from,
        to,
        matrix.byteOffset,
        size,
        pivot[0]!,
        SWEEP_WIDTH,
        inverse.byteOffset,
        r.byteOffset,
        w.byteOffset,
      );
    },
    update({ matrix, size, r, w }, from, to) {
      kernels.sweepUpdate(from, to, matrix.byteOffset, size, SWEEP_WIDTH, r.byteOffset, w.byteOffset);
    },
  };
}
