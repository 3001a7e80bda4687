// The generator at size, and a night on what it wrote: wall and CPU time per stage, peak memory, how long the event loop was held.
//   node bench/scale.js [--viewers 100000] [--films 10000] [--days 54] [--seed 1] [--k 64] [--keep FOLDER] [--generator-only]
import { spawn } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { heldStretches } from './loop-delay.js';
import { CLI, environment, makeHome, peakMiB, removeHome, table, withStack } from './stack.js';

const { values } = parseArgs({
  options: {
    viewers: { type: 'string', default: '100000' },
    films: { type: 'string', default: '10000' },
    days: { type: 'string', default: '54' },
    seed: { type: 'string', default: '1' },
    k: { type: 'string' },
    /** The generator alone, without a night. */
    'generator-only': { type: 'boolean', default: false },
    /** Files are made there, or taken from there, and stay. */
    keep: { type: 'string' },
  },
});
const folder = resolve(values.keep ?? join(tmpdir(), `matinee-scale-${process.pid}`));
const home = makeHome();
const loopFile = join(home, 'loop-delay.txt');
try {
  if (!existsSync(join(folder, 'matinee.config.yaml'))) await generate();
  const config = join(folder, 'matinee.config.yaml');
  if (values.k !== undefined) appendFileSync(config, `ials:\n  k: ${values.k}\n`);
  if (!values['generator-only']) {
    await withStack(home, night, {
      MATINEE_CONFIG: config,
      MATINEE_LOOP_DELAY: loopFile,
      NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --import=${new URL('./loop-delay.js', import.meta.url)}`,
    });
  }
} finally {
  removeHome(home);
  if (values.keep === undefined) rmSync(folder, { recursive: true, force: true });
}

/** The command as a user runs it, in a process of its own; its peak memory is read while it lives. */
async function generate() {
  mkdirSync(folder, { recursive: true });
  const { viewers, films, days, seed } = values;
  const args = ['--viewers', viewers, '--films', films, '--days', days, '--seed', seed, '--out', folder];
  const started = performance.now();
  const child = spawn(process.execPath, [CLI, 'simulate', ...args], {
    env: environment(home),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.on('data', (chunk) => (said += chunk));
  let [peak, cpu] = [0, 0];
  const watch = setInterval(() => {
    peak = Math.max(peak, peakMiB(child.pid) || 0);
    cpu = Math.max(cpu, cpuSeconds(child.pid));
  }, 500);
  const code = await new Promise((done) => child.once('exit', done));
  clearInterval(watch);
  if (code !== 0) throw new Error(`matinee simulate ended with ${code}`);
  const bytes = readdirSync(join(folder, 'events')).reduce(
    (sum, name) => sum + statSync(join(folder, 'events', name)).size,
    0,
  );
  console.log(said.split('\n')[0]);
  console.log(
    `generator: ${((performance.now() - started) / 1000).toFixed(1)} s of wall, ${cpu.toFixed(0)} s of CPU, peak ${peak} MiB, events on disk ${(bytes / 2 ** 20).toFixed(0)} MiB\n`,
  );
}

/** Wall and CPU of each stage, the worker's peak memory in it, and how long its event loop was held at a stretch. */
async function night(running) {
  const nights = await running.nights();
  const [started, startedAt] = [performance.now(), Date.now()];
  const handle = await nights.startNight({}, 'bench');
  const worker = () => running.pids().worker;
  /** Stages are told as they end (at this size one wants to know), and what the worker used is read then. */
  const told = new Map();
  let cpuBefore = cpuSeconds(worker());
  const tell = async () => {
    for (const { stage, wallMs, note } of (await nights.progress(handle)).finished) {
      if (told.has(stage)) continue;
      const cpu = cpuSeconds(worker());
      told.set(stage, { endedAt: Date.now(), cpu: cpu - cpuBefore, peak: peakMiB(worker()) });
      cpuBefore = cpu;
      forgetPeak(worker());
      console.error(`  ${stage.padEnd(9)}${(wallMs / 1000).toFixed(1).padStart(8)} s  ${note}`);
    }
  };
  const watch = setInterval(() => void tell().catch(() => undefined), 1000);
  const result = await handle.result().finally(() => clearInterval(watch));
  const total = (performance.now() - started) / 1000;
  await tell();
  const { finished } = await nights.progress(handle);
  const stretches = heldStretches(loopFile);
  let from = startedAt;
  const stages = finished.map(({ stage, wallMs, note }) => {
    const { endedAt, cpu, peak } = told.get(stage);
    const own = stretches.filter(({ at }) => at > from && at <= endedAt);
    from = endedAt;
    return {
      stage,
      seconds: (wallMs / 1000).toFixed(1),
      'CPU s': cpu.toFixed(1),
      'peak MiB': peak,
      'longest stretch ms': Math.max(0, ...own.map(({ ms }) => ms)),
      '… CPU ms': Math.max(0, ...own.map(({ cpuMs }) => cpuMs)),
      note,
    };
  });
  const work = finished.reduce((sum, stage) => sum + stage.wallMs, 0) / 1000;
  stages.push({
    stage: 'all',
    seconds: total.toFixed(1),
    'CPU s': cpuSeconds(worker()).toFixed(1),
    'peak MiB': Math.max(...[...told.values()].map(({ peak }) => peak)),
    note: `between and around the stages: ${(total - work).toFixed(1)} s`,
  });
  console.log(table(stages));
  console.log(`\n${JSON.stringify(result)}\n`);
  // the worker's mark was set back after each stage: "all" above has its peak
  const others = Object.entries(running.pids()).filter(([process]) => process !== 'worker');
  console.log(table(others.map(([process, pid]) => ({ process, 'peak MiB': peakMiB(pid) }))));
}

/** The high-water mark of a process's memory begins anew (Linux). */
function forgetPeak(pid) {
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
}

/** User and system time so far; Linux counts in hundredths. */
function cpuSeconds(pid) {
  const file = `/proc/${pid}/stat`;
  if (!existsSync(file)) return 0;
  const fields = readFileSync(file, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}
