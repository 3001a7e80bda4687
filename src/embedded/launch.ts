import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, renameSync, statSync } from 'node:fs';
import { messageOf, EmbeddedError } from './errors.js';
import { identify } from './processes.js';
import type { Life } from './supervise.js';

/** A program, its arguments, and the account it runs as when that is not ours. */
export interface Command {
  file: string;
  args: string[];
  uid?: number;
  gid?: number;
}

export interface LaunchOptions {
  logFile: string;
  cwd: string;
  env?: NodeJS.ProcessEnv;
  /** A message channel to a Node child; it also tells the child that its parent is gone. */
  ipc?: boolean;
}

/** A log that has grown past this is set aside (one older one is kept) when its process starts. */
const LOG_LIMIT_BYTES = 20 * 2 ** 20;

/**
 * Starts a process in a group of its own, so that Ctrl-C in the terminal reaches only the supervisor, which then ends
 * everything in order. Both outputs are appended to the log.
 */
export async function launch(
  command: Command,
  options: LaunchOptions,
): Promise<{ life: Life; child: ChildProcess }> {
  const log = openLog(options.logFile);
  try {
    const child = spawn(command.file, command.args, {
      cwd: options.cwd,
      detached: true,
      stdio: options.ipc === true ? ['ignore', log, log, 'ipc'] : ['ignore', log, log],
      ...(options.env === undefined ? {} : { env: options.env }),
      ...(command.uid === undefined ? {} : { uid: command.uid }),
      ...(command.gid === undefined ? {} : { gid: command.gid }),
    });
    const exited = new Promise<string>((resolve) => {
      child.once('exit', (code, signal) =>
        resolve(signal === null ? `exit code ${code}` : `signal ${signal}`),
      );
    });
    await spawned(child, command.file);
    const pid = child.pid ?? 0;
    // A process that has ended already has no birth to read: an identity that is never alive.
    return { life: { process: identify(pid) ?? { pid, born: 'ended' }, exited }, child };
  } finally {
    closeSync(log);
  }
}

function spawned(child: ChildProcess, file: string): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (error) =>
      reject(new EmbeddedError(`${file} cannot be started: ${messageOf(error)}`)),
    );
  });
}

function openLog(file: string): number {
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size > LOG_LIMIT_BYTES) renameSync(file, `${file}.1`);
  return openSync(file, 'a', 0o600);
}
