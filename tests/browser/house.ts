import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { z } from 'zod';
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
  // The demo's config, but for a test, which asks faster than a person reads.
  const config = `${home}.yaml`;
  const demo = readFileSync('demo/matinee.config.yaml', 'utf8');
  writeFileSync(config, `${demo}api: { rate: { viewer: { perSecond: 1000, burst: 5000 } } }\n`);
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
  for (const stream of [up.stdout, up.stderr]) createInterface(stream).on('line', (line) => lines.push(line));
  const url = `http://127.0.0.1:${port}`;
  await firstNight(up, lines, url);
  return {
    url,
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

/** Resolves when personal lists are served; rejects with all that `up` said when it ends, or takes too long. */
async function firstNight(up: ChildProcess, lines: readonly string[], url: string): Promise<void> {
  const failed = (why: string) => new Error(`up ${why}:\n${lines.join('\n')}`);
  for (const deadline = Date.now() + UP_MS; ; await new Promise((wake) => setTimeout(wake, 250))) {
    if (up.exitCode !== null || up.signalCode !== null) throw failed(`ended with ${up.exitCode}`);
    if (Date.now() > deadline) {
      up.kill('SIGTERM');
      throw failed(`served no list within ${UP_MS / 1000} s`);
    }
    const ready = readiness.safeParse(
      await fetch(`${url}/readyz`).then(
        (answer) => answer.json(),
        () => null,
      ),
    );
    if (ready.success) return;
  }
}
const readiness = z.object({ release: z.string(), formula: z.string() });
