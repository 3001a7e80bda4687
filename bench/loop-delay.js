// Preloaded into a worker (`NODE_OPTIONS=--import=…`, see scale.js): how long its event loop was held, second by second,
// appended to the file MATINEE_LOOP_DELAY as `<epoch ms> <longest stretch of that second, ms>`. Stretches under 50 ms are left out.
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { isMainThread } from 'node:worker_threads';

const file = process.env.MATINEE_LOOP_DELAY;
if (file !== undefined && isMainThread && process.argv[2] === 'worker') {
  const resolution = 5;
  const delays = monitorEventLoopDelay({ resolution });
  delays.enable();
  setInterval(() => {
    const longest = delays.max / 1e6;
    delays.reset();
    if (longest >= 50) appendFileSync(file, `${Date.now()} ${longest.toFixed(0)}\n`);
  }, 1000).unref();
}

/** What the file holds: `{ at, ms }` of each second told of. */
export function heldStretches(path) {
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, 'utf8').trim().split('\n');
  return lines.map((line) => line.split(' ').map(Number)).map(([at, ms]) => ({ at, ms }));
}
