import { readFileSync } from 'node:fs';

/** What `src/kernels/assembly/index.ts` exports. Addresses and counts; see there. */
export interface Kernels {
  gram(factors: number, rows: number, stride: number, out: number): void;
  turnScratch(stride: number): number;
  turn(
    ...args: [factors: number, from: number, to: number, basis: number, stride: number, scratch: number]
  ): void;
  exactScratch(stride: number): number;
  solveExact(...args: [...HalfStepAddresses, k: number, stride: number, scratch: number]): number;
  cgScratch(stride: number): number;
  solveCg(...args: [...HalfStepAddresses, stride: number, steps: number, scratch: number]): number;
  tastes(films: number, rows: number, viewers: number, stride: number, out: number): void;
  affinities(likes: number, mixes: number, start: number, genre: number, out: number): void;
  moments(values: number, rows: number, out: number): void;
  mixMoments(values: number, count: number, mixes: number, rows: number, out: number): void;
  totals(
    ...args: [
      ...[taste: number, tasteMoments: number, now: number, affinity: number, place: number],
      ...[affinityMoments: number, weight: number, rows: number, out: number],
    ]
  ): void;
  topServed(
    ...args: [
      ...[total: number, rows: number, viewers: number, closed: number, pitch: number, classOf: number],
      ...[size: number, topRow: number, topTotal: number, found: number, last: number],
    ]
  ): void;
  genreLines(
    ...args: [affinity: number, moments: number, weight: number, mixes: number, out: number, most: number]
  ): void;
  topPruned(scan: number, viewers: number, from: number, to: number, weight: number): number;
  sweepPanels(
    ...args: [
      ...[from: number, to: number, matrix: number, size: number, pivot: number, width: number],
      ...[inverse: number, r: number, w: number],
    ]
  ): void;
  sweepUpdate(
    ...args: [from: number, to: number, matrix: number, size: number, width: number, r: number, w: number]
  ): void;
}

type HalfStepAddresses = [
  order: number,
  from: number,
  to: number,
  start: number,
  column: number,
  weight: number,
  fixed: number,
  solved: number,
  /** 0 = none */
  prior: number,
  gram: number,
  ridge: number,
];

/** Written by `npm run build`; the same path from src/kernels/simd and from dist/kernels/simd. */
export const KERNEL_FILE = new URL('../../../dist/kernels/kernels.wasm', import.meta.url);

/** The compiled kernels over a memory. Each thread has an instance of its own over the one memory that all share. */
export function instantiate(memory: WebAssembly.Memory): Kernels {
  const module = new WebAssembly.Module(bytes());
  const abort = () => {
    throw new Error('a kernel was aborted');
  };
  return new WebAssembly.Instance(module, { env: { memory, abort } }).exports as unknown as Kernels;
}

function bytes(): Uint8Array {
  try {
    return readFileSync(KERNEL_FILE);
  } catch (error) {
    throw new Error(`${KERNEL_FILE.pathname} cannot be read: run \`npm run build\` first`, { cause: error });
  }
}
