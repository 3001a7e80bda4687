import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { EmbeddedError, messageOf } from './errors.js';
import { type ProcessIdentity, endProcess, isAlive } from './processes.js';

/** One life of a supervised process, from its start (or adoption) to its exit. */
export interface Life {
  process: ProcessIdentity;
  /** Resolves with what ended it, e.g. "exit code 1" or "signal SIGKILL". */
  exited: Promise<string>;
}

export interface Charge {
  name: string;
  logFile: string;
  start(): Promise<Life>;
  /** Resolves once this life serves; rejects when it never will. */
  ready(life: Life, signal: AbortSignal): Promise<void>;
  /** What it said itself about why it ended, in a sentence for people; null when it said nothing of the kind. */
  lastWords?(): Promise<string | null>;
  readyTimeoutMs: number;
  /** Asks it to end; after `graceMs` it is killed. */
  stopSignal: NodeJS.Signals;
  graceMs: number;
}

export interface Supervised {
  readonly name: string;
  readonly process: ProcessIdentity;
  /** Lives after the first. */
  readonly restarts: number;
  /** Ends it for good. Later calls wait for the first one. */
  stop(): Promise<void>;
}

export type Report = (line: string) => void;

/** Waits between restarts: firstMs, doubled up to maxMs; a life longer than calmMs starts over. */
export interface BackOff {
  firstMs: number;
  maxMs: number;
  calmMs: number;
}
const BACK_OFF: BackOff = { firstMs: 100, maxMs: 10_000, calmMs: 60_000 };

export interface SuperviseOptions {
  report: Report;
  /** Abandons waiting for the first life. */
  signal?: AbortSignal | undefined;
  adopted?: Life | undefined;
  backOff?: BackOff;
  /** Called after each restart, with the new process in place. */
  onRestart?: (() => void) | undefined;
}

/**
 * Keeps one process running: starts it (or takes over `adopted`, which must be serving already), starts it again with
 * back-off whenever it ends, for as long as it takes, until stop().
 * Throws EmbeddedError, with the end of its log, when the first life does not become ready.
 */
export async function supervise(charge: Charge, options: SuperviseOptions): Promise<Supervised> {
  const { report, backOff = BACK_OFF } = options;
  const stopping = new AbortController();
  let current = options.adopted ?? (await bringUp(charge, options.signal ?? stopping.signal));
  let restarts = 0;

  const revive = async (pauseMs: number): Promise<void> => {
    await sleep(pauseMs, undefined, { signal: stopping.signal });
    try {
      current = await bringUp(charge, stopping.signal);
      restarts++;
      report(`${charge.name} is back`);
      options.onRestart?.();
    } catch (error) {
      stopping.signal.throwIfAborted();
      report(`${charge.name} did not come back: ${messageOf(error)}`);
      await revive(Math.min(pauseMs * 2, backOff.maxMs));
    }
  };
  const keepAlive = async (): Promise<void> => {
    let pauseMs = backOff.firstMs;
    for (;;) {
      const born = performance.now();
      const why = await current.exited;
      if (stopping.signal.aborted) return;
      report(`${charge.name} ended (${why}); starting it again`);
      pauseMs = performance.now() - born > backOff.calmMs ? backOff.firstMs : pauseMs;
      await revive(pauseMs);
      pauseMs = Math.min(pauseMs * 2, backOff.maxMs);
    }
  };
  const watching = keepAlive().catch((error: unknown) => {
    if (!stopping.signal.aborted) throw error;
  });
  let stopped: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    stopping.abort();
    await endProcess(current.process, charge.stopSignal, charge.graceMs);
    await watching;
  };
  return {
    name: charge.name,
    get process() {
      return current.process;
    },
    get restarts() {
      return restarts;
    },
    stop: () => (stopped ??= stop()),
  };
}

/** One life, until it serves. What does not serve in time is killed. */
async function bringUp(charge: Charge, stopping: AbortSignal): Promise<Life> {
  stopping.throwIfAborted();
  const life = await charge.start();
  const over = new AbortController();
  const signal = AbortSignal.any([over.signal, stopping]);
  const fail = (what: string) => new EmbeddedError(`${charge.name} ${what}`);
  const ended = life.exited.then((why) => Promise.reject(fail(`ended before it was ready (${why})`)));
  const late = sleep(charge.readyTimeoutMs, undefined, { signal }).then(() =>
    Promise.reject(fail(`was not ready after ${charge.readyTimeoutMs / 1000} s`)),
  );
  try {
    await Promise.race([charge.ready(life, signal), ended, late]);
    return life;
  } catch (error) {
    await endProcess(life.process, charge.stopSignal, stopping.aborted ? charge.graceMs : 1000);
    const words = (await charge.lastWords?.()) ?? null;
    if (words !== null) throw new EmbeddedError(`${words} (the log is ${charge.logFile})`);
    const tail = await logTail(charge.logFile);
    throw new EmbeddedError(`${messageOf(error)}; its log is ${charge.logFile}${tail}`);
  } finally {
    over.abort();
    late.catch(() => undefined);
    ended.catch(() => undefined);
  }
}

/** A life that is not our child: its end is seen by looking. */
export function adoptedLife(process: ProcessIdentity): Life {
  const exited = (async () => {
    while (isAlive(process)) await sleep(200);
    return 'it was adopted; why is not known';
  })();
  return { process, exited };
}

/** Repeats a check until it holds. */
export async function until(check: () => Promise<boolean>, signal: AbortSignal, everyMs = 50): Promise<void> {
  while (!(await check())) await sleep(everyMs, undefined, { signal });
}

async function logTail(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const lines = text.trim().split('\n').slice(-4).join('\n  ');
  return lines === '' ? '' : `, which ends with:\n  ${lines}`;
}
