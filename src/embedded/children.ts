import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { ReadyMessage } from './child-side.js';
import type { Home } from './home.js';
import { launch } from './launch.js';
import type { ProcessIdentity } from './processes.js';
import {
  type BackOff,
  type Charge,
  type Life,
  type Report,
  type Supervised,
  supervise,
} from './supervise.js';

/** One of our own Node processes: a worker, the API. It calls reportReady() of child-side.ts when it works. */
export interface ChildSpec {
  /** Also the name of its log file, e.g. worker → logs/worker.log. */
  name: string;
  /** Absolute path of the compiled script. */
  script: string;
  args?: string[];
  env: NodeJS.ProcessEnv;
  cwd: string;
  readyTimeoutMs?: number;
  /** Time between SIGTERM and SIGKILL. */
  graceMs?: number;
}

export interface ChildOptions {
  home: Home;
  report: Report;
  signal?: AbortSignal | undefined;
  backOff?: BackOff;
  /** A child works for the first time. */
  onReady?: (name: string, address: string | undefined) => void;
  /** A child has a new pid. */
  onRestart?: () => void;
}

export interface Child extends Supervised {
  /** What it gave reportReady(), newest life. */
  readonly address: string | undefined;
}

export interface Children {
  readonly all: readonly Child[];
  /** For the state file of `up`. */
  readonly processes: { name: string; process: ProcessIdentity }[];
  /** Ends them all, side by side: they do not depend on each other, only on the servers, which outlive them. */
  stop(): Promise<void>;
}

const READY_TIMEOUT_MS = 60_000;
const GRACE_MS = 15_000;
const readySchema = z.object({ kind: z.literal('ready'), address: z.string().optional() });

/** Starts all of them in parallel and keeps them running; when one does not become ready, the others are ended again. */
export async function startChildren(specs: ChildSpec[], options: ChildOptions): Promise<Children> {
  const started = await Promise.allSettled(
    specs.map(async (spec) => {
      const child = await startChild(spec, options);
      options.onReady?.(child.name, child.address);
      return child;
    }),
  );
  const all = started.flatMap((child) => (child.status === 'fulfilled' ? [child.value] : []));
  const stop = async () => {
    await Promise.all(all.map((child) => child.stop()));
  };
  const failed = started.find((child) => child.status === 'rejected');
  if (failed !== undefined) {
    await stop();
    throw failed.reason;
  }
  return {
    all,
    get processes() {
      return all.map(({ name, process }) => ({ name, process }));
    },
    stop,
  };
}

/** One child, kept running. Throws EmbeddedError, with the end of its log, when it does not become ready. */
export async function startChild(spec: ChildSpec, options: ChildOptions): Promise<Child> {
  /** Ready messages of lives that have not been waited for yet. */
  const readiness = new WeakMap<Life, Promise<ReadyMessage>>();
  let address: string | undefined;
  let logBegins = 0;
  const charge: Charge = {
    name: spec.name,
    logFile: join(options.home.logs, `${spec.name}.log`),
    readyTimeoutMs: spec.readyTimeoutMs ?? READY_TIMEOUT_MS,
    stopSignal: 'SIGTERM',
    graceMs: spec.graceMs ?? GRACE_MS,
    async start() {
      const command = { file: process.execPath, args: [spec.script, ...(spec.args ?? [])] };
      const { logFile } = charge;
      logBegins = await stat(logFile).then(
        ({ size }) => size,
        () => 0,
      );
      const { life, child } = await launch(command, { logFile, cwd: spec.cwd, env: spec.env, ipc: true });
      const ready = new Promise<ReadyMessage>((resolve) => {
        child.on('message', (message) => {
          const parsed = readySchema.safeParse(message);
          if (!parsed.success) return;
          const { address: at } = parsed.data;
          resolve({ kind: 'ready', ...(at === undefined ? {} : { address: at }) });
        });
      });
      readiness.set(life, ready);
      return life;
    },
    // Our CLI ends with one such line when the user can mend what is wrong.
    async lastWords() {
      const log = await readFile(charge.logFile).catch(() => Buffer.alloc(0));
      const said = log.subarray(Math.min(logBegins, log.length)).toString('utf8');
      return /^matinee: (.*)\s*$/m.exec(said.slice(said.lastIndexOf('\nmatinee: ') + 1))?.[1] ?? null;
    },
    async ready(life) {
      address = (await readiness.get(life))?.address;
    },
  };
  const supervised = await supervise(charge, options);
  return {
    name: spec.name,
    get process() {
      return supervised.process;
    },
    get restarts() {
      return supervised.restarts;
    },
    get address() {
      return address;
    },
    stop: () => supervised.stop(),
  };
}
