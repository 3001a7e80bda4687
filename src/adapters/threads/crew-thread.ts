import { parentPort, workerData } from 'node:worker_threads';

/** What a crew's module exports: called once per thread, before the first unit. */
export interface UnitModule {
  createUnitRunner: (data: unknown) => (phase: string, unit: number) => unknown;
}

/** From a thread: the value a unit returned (none for undefined), or that no unit is left. */
export type CrewMessage = { kind: 'result'; unit: number; result: unknown } | { kind: 'done' };

interface CrewData {
  module: string;
  data: unknown;
  /** Next unit to take. */
  counter: Int32Array;
}

const port = parentPort;
if (port === null) throw new Error('crew-thread.js runs in a worker thread only');
const { module, data, counter } = workerData as CrewData;
const { createUnitRunner } = (await import(module)) as UnitModule;
const runUnit = createUnitRunner(data);

port.on('message', ({ phase, units }: { phase: string; units: number }) => {
  for (let unit = Atomics.add(counter, 0, 1); unit < units; unit = Atomics.add(counter, 0, 1)) {
    const result = runUnit(phase, unit);
    if (result !== undefined) port.postMessage({ kind: 'result', unit, result } satisfies CrewMessage);
  }
  port.postMessage({ kind: 'done' } satisfies CrewMessage);
});
