import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { freePort } from '../../src/embedded/ports.js';

/** `matinee up` of the built product in a home of its own: demo, first night, shop. */
export interface RunningHouse {
  url: string;
  lines: string[];
  /** Another command on the same home. Rejects with what it said. */
  matinee(...args: string[]): Promise<string>;
  stop(): Promise<void>;
}

const UP_MS = 400_000;

export async function openHouse(home: string): Promise<RunningHouse> {
  const port = await freePort();
  // A test asks faster than a person reads.
  const config = `${home}.yaml`;
  writeFileSync(config, 'api: { rate: { viewer: { perSecond: 1000, burst: 5000 } } }\n');
  const env = {
    ...process.env,
    MATINEE_HOME: home,
    MATINEE_CONFIG: config,
    DATABASE_URL: '',
    TEMPORAL_ADDRESS: '',
    NO_COLOR: '1',
  };
  const up = spawn(process.execPath, ['bin/matinee.js', 'up', '--port', String(port)], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  await started(up, lines, (line) => line.includes(`:${port}`));
  return {
    url: `http://127.0.0.1:${port}`,
    lines,
    matinee: (...args) =>
      new Promise((resolve, reject) => {
        execFile(process.execPath, ['bin/matinee.js', ...args], { env }, (error, out, err) =>
          error === null ? resolve(out) : reject(new Error(`matinee ${args.join(' ')}: ${out}\n${err}`)),
        );
      }),
    async stop() {
      if (up.exitCode !== null || up.signalCode !== null) return;
      const ended = once(up, 'exit');
      up.kill('SIGTERM');
      await ended;
    },
  };
}

/** Resolves at the first line that `isIt`; when the process ends before, rejects with all it said. */
function started(child: ChildProcess, lines: string[], isIt: (line: string) => boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    const { stdout, stderr } = child;
    if (stdout === null || stderr === null) return reject(new Error('no output'));
    const fail = (why: string) => reject(new Error(`up ${why}:\n${lines.join('\n')}`));
    const tooLong = setTimeout(() => {
      child.kill('SIGTERM');
      fail(`said no address within ${UP_MS / 1000} s`);
    }, UP_MS);
    for (const stream of [stdout, stderr])
      createInterface(stream).on('line', (line) => {
        lines.push(line);
        if (!isIt(line)) return;
        clearTimeout(tooLong);
        resolve();
      });
    child.once('exit', (code) => {
      clearTimeout(tooLong);
      fail(`ended with ${code}`);
    });
  });
}
