import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';

/** A process that cannot be mistaken for a later one with the same pid. */
export const processIdentitySchema = z.object({ pid: z.number().int().positive(), born: z.string() });
export type ProcessIdentity = z.infer<typeof processIdentitySchema>;

const POLL_MS = 25;

/** The identity of a running process; null when there is none with this pid (a zombie has ended). */
export function identify(pid: number): ProcessIdentity | null {
  const born = process.platform === 'linux' ? bornOnLinux(pid) : bornByPs(pid);
  return born === null ? null : { pid, born };
}

export function identifySelf(): ProcessIdentity {
  return identify(process.pid) ?? { pid: process.pid, born: 'unknown' };
}

export function isAlive({ pid, born }: ProcessIdentity): boolean {
  return identify(pid)?.born === born;
}

/** Program and arguments, separated by blanks; empty when it cannot be read. */
export function commandLine(pid: number): string {
  if (process.platform !== 'linux') return ps(pid, 'command=');
  return readProc(pid, 'cmdline')?.replaceAll('\0', ' ').trim() ?? '';
}

/** Every running process whose command line contains the text. */
export function processesNaming(text: string): ProcessIdentity[] {
  const pids =
    process.platform === 'linux'
      ? readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))
      : (spawnSync('ps', ['-axo', 'pid='], { encoding: 'utf8' }).stdout ?? '').split('\n');
  return pids
    .map(Number)
    .filter((pid) => pid > 0 && commandLine(pid).includes(text))
    .flatMap((pid) => identify(pid) ?? []);
}

/** Asks a process to end, waits `graceMs`, then kills it. Returns when it is gone. */
export async function endProcess(
  target: ProcessIdentity,
  signal: NodeJS.Signals,
  graceMs: number,
): Promise<void> {
  if (!send(target, signal) || (await gone(target, graceMs))) return;
  send(target, 'SIGKILL');
  await gone(target, 10_000);
}

function send(target: ProcessIdentity, signal: NodeJS.Signals): boolean {
  if (!isAlive(target)) return false;
  try {
    process.kill(target.pid, signal);
    return true;
  } catch {
    return false; // it ended in between
  }
}

async function gone(target: ProcessIdentity, withinMs: number): Promise<boolean> {
  const deadline = performance.now() + withinMs;
  while (isAlive(target)) {
    if (performance.now() > deadline) return false;
    await sleep(POLL_MS);
  }
  return true;
}

/** Boot id and start time in clock ticks since boot: fields 3 (state) and 22 of /proc/<pid>/stat, counted after the name in brackets. */
function bornOnLinux(pid: number): string | null {
  const stat = readProc(pid, 'stat');
  if (stat === null) return null;
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, ticks] = [fields[0], fields[19]];
  if (state === 'Z' || state === 'X' || ticks === undefined) return null;
  return `${bootId()}:${ticks}`;
}

let cachedBootId: string | undefined;
function bootId(): string {
  cachedBootId ??= readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  return cachedBootId;
}

function readProc(pid: number, entry: string): string | null {
  try {
    return readFileSync(`/proc/${pid}/${entry}`, 'utf8');
  } catch {
    return null;
  }
}

function bornByPs(pid: number): string | null {
  return ps(pid, 'lstart=') || null;
}

function ps(pid: number, column: string): string {
  return spawnSync('ps', ['-o', column, '-p', String(pid)], { encoding: 'utf8' }).stdout?.trim() ?? '';
}
