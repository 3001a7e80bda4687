import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { EmbeddedError } from './errors.js';
import type { Home } from './home.js';
import {
  type ProcessIdentity,
  endProcess,
  identifySelf,
  isAlive,
  processIdentitySchema,
} from './processes.js';
import { createOnce, readState, writeState } from './state-file.js';

/** `<home>/up.json`: how other commands reach a running `up`. The URL holds a password, so the file is 0600. */
const runningUpSchema = z.object({
  process: processIdentitySchema,
  startedAt: z.iso.datetime(),
  api: z.string().nullable(),
  temporalAddress: z.string(),
  temporalUi: z.string().nullable(),
  databaseUrl: z.string(),
  /** Our own processes (api, workers). A successor ends those that a killed `up` left. */
  children: z.array(z.object({ name: z.string(), process: processIdentitySchema })),
});
export type RunningUp = z.infer<typeof runningUpSchema>;

const holderSchema = z.object({
  process: processIdentitySchema,
  command: z.string(),
  released: z.boolean(),
});
export type Holder = z.infer<typeof holderSchema>;

const CHILD_GRACE_MS = 10_000;

/** Another process uses this home. */
export class HomeBusy extends EmbeddedError {
  readonly holder: Holder;
  constructor(message: string, holder: Holder) {
    super(message);
    this.holder = holder;
  }
}

export interface HomeLock {
  /** Tells other commands where everything is; may be called again when something changes. */
  publish(state: Omit<RunningUp, 'process'>): Promise<void>;
  release(): Promise<void>;
}

/**
 * One process at a time owns a home's servers.
 * 1. `<home>/lock/<n>` holds one holder each; the highest n counts, and is never deleted.
 * 2. n + 1 is created, by link(2), only when the holder of n is dead or has released it: of several takers one wins.
 * 3. Whoever finds a higher number than its own has not got the lock.
 * A pid that now belongs to something else is recognised by its start time.
 */
export async function lockHome(
  home: Home,
  command: string,
  self: ProcessIdentity = identifySelf(),
): Promise<HomeLock> {
  const folder = join(home.root, 'lock');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const mine = await take(folder, { process: self, command, released: false }, home);
  await endLeftovers(home);
  for (const older of await numbers(folder)) {
    if (older < mine) await rm(fileOf(folder, older), { force: true });
  }
  let held = true;
  return {
    async publish(state) {
      if (held) await writeState(upFile(home), { ...state, process: self });
    },
    async release() {
      if (!held) return;
      held = false;
      await rm(upFile(home), { force: true });
      await writeState(fileOf(folder, mine), { process: self, command, released: true });
    },
  };
}

/** The process that owns the home's servers now, if any. */
export async function lockHolder(home: Home): Promise<Holder | null> {
  const folder = join(home.root, 'lock');
  return holderOf(folder, (await numbers(folder)).at(-1) ?? 0);
}

/** The holder of number n, while it is alive and has not let go. */
async function holderOf(folder: string, n: number): Promise<Holder | null> {
  const holder = await readState(fileOf(folder, n), holderSchema);
  return holder !== null && !holder.released && isAlive(holder.process) ? holder : null;
}

/** The addresses of the `up` of this home, only while it is alive. */
export async function readRunningUp(home: Home): Promise<RunningUp | null> {
  const state = await readState(upFile(home), runningUpSchema);
  return state !== null && isAlive(state.process) ? state : null;
}

async function take(folder: string, holder: Holder, home: Home): Promise<number> {
  for (;;) {
    const newest = (await numbers(folder)).at(-1) ?? 0;
    const current = await holderOf(folder, newest);
    if (current !== null) throw await busy(home, current);
    const mine = newest + 1;
    if (!(await createOnce(fileOf(folder, mine), JSON.stringify(holder)))) continue;
    if ((await numbers(folder)).at(-1) === mine) return mine;
    await rm(fileOf(folder, mine), { force: true });
  }
}

async function busy(home: Home, holder: Holder): Promise<HomeBusy> {
  const { pid } = holder.process;
  const up = await readRunningUp(home);
  const where =
    up === null
      ? `pid ${pid}`
      : `pid ${pid}, API ${up.api ?? 'not started yet'}, Temporal ${up.temporalAddress}`;
  return new HomeBusy(
    `matinee ${holder.command} is already running in the home ${home.root} (${where}). ` +
      `Stop it with Ctrl-C there or \`kill ${pid}\`, or use another home: MATINEE_HOME=<another folder>`,
    holder,
  );
}

/** Ends the workers and the API of an `up` that was killed; its servers are adopted by those who supervise them. */
async function endLeftovers(home: Home): Promise<void> {
  const left = await readState(upFile(home), runningUpSchema);
  await Promise.all(
    (left?.children ?? []).map((child) => endProcess(child.process, 'SIGTERM', CHILD_GRACE_MS)),
  );
  await rm(upFile(home), { force: true });
}

async function numbers(folder: string): Promise<number[]> {
  const entries = await readdir(folder).catch(() => []);
  return entries
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .sort((a, b) => a - b);
}

const fileOf = (folder: string, n: number) => join(folder, String(n).padStart(8, '0'));
const upFile = (home: Home) => join(home.root, 'up.json');
