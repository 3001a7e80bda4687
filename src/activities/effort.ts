import { cpus, totalmem } from 'node:os';
import type { Effort } from '../contracts/index.js';
import { watchNeighbours } from './neighbours.js';

/** Resident memory is looked at so often, ms: a peak that lasts no longer kills nothing either. */
const LOOK_MS = 250;
const MIB = 2 ** 20;

export interface RunningEffort {
  soFar(): Effort;
  /** Looks at the memory no more. */
  stop(): void;
}

/**
 * What work costs this process from now on: all of its threads, and whatever else it does meanwhile, which `isShared` says. Told as facts of an
 * artefact and in cards, never part of what a hash is taken of.
 */
export function startEffort(threads: number): RunningEffort {
  const cpu = process.cpuUsage();
  const start = performance.now();
  const isShared = watchNeighbours();
  let peak = process.memoryUsage.rss();
  const look = () => (peak = Math.max(peak, process.memoryUsage.rss()));
  const timer = setInterval(look, LOOK_MS).unref();
  return {
    stop: () => clearInterval(timer),
    soFar() {
      look();
      const { user, system } = process.cpuUsage(cpu);
      return {
        cpuSeconds: (user + system) / 1e6,
        wallSeconds: (performance.now() - start) / 1000,
        peakMiB: Math.round(peak / MIB),
        threads,
        processor: processor(),
        isShared: isShared(),
      };
    },
  };
}

export const processor = (): string => cpus()[0]?.model.trim() ?? 'unknown';

/** Threads that had a core get most of the wall time as CPU time; these waited for one. */
const BUSY_BELOW = 0.6;
export const wasBusy = ({ cpuSeconds, wallSeconds, threads }: Effort): boolean =>
  cpuSeconds < BUSY_BELOW * wallSeconds * Math.min(threads, cpus().length);

/** What this process may have: its control group's limit where there is one, else the machine's memory. */
export function memoryMiB(configured: number | null): number {
  if (configured !== null) return configured;
  const limit = process.constrainedMemory();
  return Math.round((limit > 0 ? Math.min(limit, totalmem()) : totalmem()) / MIB);
}
