import { spawn } from 'node:child_process';
import type { Command } from './launch.js';

export interface CommandResult {
  /** Exit code; null when it was not found, was killed or ran too long. */
  code: number | null;
  stdout: string;
  /** What it said about its failure, in one line. */
  problem: string;
}

/** Runs a program to its end without blocking the event loop; never throws. */
export function runCommand(
  command: Command,
  options: {
    timeoutMs: number;
    cwd?: string;
    env?: NodeJS.ProcessEnv | undefined;
    signal?: AbortSignal | undefined;
    /** Started in a group of its own and killed with all it started. */
    group?: boolean;
    onLine?: (line: string) => void;
  },
): Promise<CommandResult> {
  const { timeoutMs, onLine, cwd, env, signal, group = false } = options;
  if (signal?.aborted === true) return Promise.resolve({ code: null, stdout: '', problem: 'not started' });
  return new Promise((resolve) => {
    const child = spawn(command.file, command.args, {
      ...(cwd === undefined ? {} : { cwd }),
      ...(env === undefined ? {} : { env }),
      detached: group,
      ...(command.uid === undefined ? {} : { uid: command.uid }),
      ...(command.gid === undefined ? {} : { gid: command.gid }),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [stdout, stderr, late] = ['', '', false];
    const kill = () => {
      if (group && child.pid !== undefined) killGroup(child.pid);
      else child.kill('SIGKILL');
    };
    const timer = setTimeout(() => {
      late = true;
      kill();
    }, timeoutMs);
    signal?.addEventListener('abort', kill, { once: true });
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString();
      for (const line of chunk.toString().split('\n')) if (line.trim() !== '') onLine?.(line.trim());
    });
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    const finish = (code: number | null, problem: string) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', kill);
      resolve({ code, stdout, problem: late ? `no end after ${timeoutMs / 1000} s` : problem });
    };
    child.once('error', (error) =>
      finish(null, 'code' in error && error.code === 'ENOENT' ? 'not found' : error.message),
    );
    child.once('close', (code, signal) =>
      finish(code, lastLine(stderr || stdout) || `ended with ${code ?? signal}`),
    );
  });
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // it ended in between
  }
}

const lastLine = (text: string) => text.trim().split('\n').at(-1)?.trim().slice(0, 300) ?? '';
