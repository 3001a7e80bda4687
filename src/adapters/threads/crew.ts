import { Worker } from 'node:worker_threads';
import type { Crew, CrewJob, Threads } from '../../activities/deps.js';
import { builtFile } from './built-file.js';
import type { CrewMessage } from './crew-thread.js';

/** How often progress is read off the shared counter. */
const PROGRESS_MS = 250;

/** Worker threads for CPU work, made for one job and gone after it. */
export function createThreads(): Threads {
  return { crew: startCrew };
}

/**
 * Starts `job.threads` threads. Each imports `job.module` and calls its `createUnitRunner(job.data)`; shared arrays in
 * `data` stay shared, the rest is copied. Units are handed out by an atomic counter, so a slow thread holds nobody up.
 */
async function startCrew(job: CrewJob): Promise<Crew> {
  job.signal?.throwIfAborted();
  const counter = new Int32Array(new SharedArrayBuffer(4));
  const module = builtFile(job.module).href;
  const workers = Array.from(
    { length: job.threads },
    () =>
      new Worker(builtFile(new URL('./crew-thread.js', import.meta.url)), {
        workerData: { module, data: job.data, counter },
      }),
  );
  const failure = watchFailures(workers, job.signal);
  const stop = async () => {
    failure.stopWatching();
    await Promise.all(workers.map((worker) => worker.terminate()));
  };

  const run: Crew['run'] = async (phase, units, { onResult, onProgress } = {}) => {
    Atomics.store(counter, 0, 0);
    const report = () => onProgress?.(Math.min(Atomics.load(counter, 0), units), units);
    const timer = onProgress === undefined ? undefined : setInterval(report, PROGRESS_MS);
    try {
      const parts = workers.map((worker) => runPart(worker, phase, units, onResult));
      await Promise.race([Promise.all(parts), failure.promise]);
      report();
    } catch (error) {
      await stop();
      throw error;
    } finally {
      clearInterval(timer);
    }
  };
  return { run, stop };
}

/** One thread's share of a phase. */
function runPart(
  worker: Worker,
  phase: string,
  units: number,
  onResult: ((unit: number, result: unknown) => void) | undefined,
): Promise<void> {
  return new Promise((resolve) => {
    const listen = (message: CrewMessage) => {
      if (message.kind === 'result') {
        onResult?.(message.unit, message.result);
      } else {
        worker.off('message', listen);
        resolve();
      }
    };
    worker.on('message', listen);
    worker.postMessage({ phase, units });
  });
}

/** A promise that never resolves and rejects when a thread throws or dies, or the signal aborts. */
function watchFailures(
  workers: Worker[],
  signal: AbortSignal | undefined,
): { promise: Promise<never>; stopWatching: () => void } {
  let reject: (reason: unknown) => void = () => undefined;
  const promise = new Promise<never>((_resolve, rejectPromise) => {
    reject = rejectPromise;
  });
  promise.catch(() => undefined); // between phases nobody listens; the next run() meets it
  const onAbort = () => reject(signal?.reason);
  signal?.addEventListener('abort', onAbort, { once: true });
  for (const worker of workers) {
    worker.on('error', reject);
    worker.on('exit', (code) => reject(new Error(`worker thread ended early with code ${code}`)));
  }
  return {
    promise,
    stopWatching: () => {
      signal?.removeEventListener('abort', onAbort);
      for (const worker of workers) worker.removeAllListeners('exit');
    },
  };
}
