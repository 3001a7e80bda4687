// Preloaded into a worker (`NODE_OPTIONS=--import=…`, see scale.js): how long its event loop was held, second by second,
// appended to the file MATINEE_LOOP_DELAY as `<epoch ms> <longest stretch, ms> <CPU ms of the longest>`. The first is what timers
// saw (perf_hooks), with the time that the machine gave to others; the second is what the thread itself computed between two
// turns of the loop (Linux counts it), which other people's work does not lengthen.
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { isMainThread } from 'node:worker_threads';

const TURN_MS = 10;
const file = process.env.MATINEE_LOOP_DELAY;
if (file !== undefined && isMainThread && process.argv[2] === 'worker') {
  const delays = monitorEventLoopDelay({ resolution: TURN_MS });
  delays.enable();
  let [before, longest] = [computed(), 0];
  setInterval(() => {
    const now = computed();
    longest = Math.max(longest, now - before);
    before = now;
  }, TURN_MS).unref();
  setInterval(() => {
    appendFileSync(file, `${Date.now()} ${(delays.max / 1e6).toFixed(0)} ${longest.toFixed(0)}\n`);
    delays.reset();
    longest = 0;
  }, 1000).unref();
}

/** CPU milliseconds of this thread so far. */
function computed() {
  return Number(readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ')[0]) / 1e6;
}

/** What the file holds: `{ at, ms, cpuMs }` of each second. */
export function heldStretches(path) {
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, 'utf8').trim().split('\n');
  return lines.map((line) => line.split(' ').map(Number)).map(([at, ms, cpuMs]) => ({ at, ms, cpuMs }));
}
