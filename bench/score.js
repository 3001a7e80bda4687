// The ten best unseen films of every viewer, as the score stage takes them (by taste alone), against `implicit.recommend`, on
// the factors that `implicit` trained, in the same run; runs alternate. Lists must be the same but for ties.
//   npm run build && node bench/score.js --work FOLDER [--ml-1m FOLDER] [--large] [--growth [--plot FILE.svg]] [--k 64]
//     [--rounds 3] [--threads 2]
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createThreads } from '../dist/adapters/threads/crew.js';
import { LARGE, dataSet, growthSets, readInts } from './als-data.js';
import { drawGrowth } from './growth-plot.js';
import { pythonWithImplicit, runImplicit } from './implicit-run.js';
import { optionsOf } from './options.js';
import { threadsFor, unitsOf } from './score-units.js';

const SIZE = 10;

const USAGE = `usage: node bench/score.js --work FOLDER [--ml-1m FOLDER] [--large] [--growth [--plot FILE.svg]] [--k 64]
  [--rounds 3] [--threads 2]`;
const { values: flags } = optionsOf(USAGE, {
  work: { type: 'string' },
  'ml-1m': { type: 'string' },
  large: { type: 'boolean' },
  growth: { type: 'boolean' },
  plot: { type: 'string' },
  k: { type: 'string', default: '64' },
  rounds: { type: 'string', default: '3' },
  threads: { type: 'string', default: '2' },
  ours: { type: 'string' },
});

function shared(Type, values) {
  const out = new Type(new SharedArrayBuffer(values.length * 4));
  out.set(values);
  return out;
}

const floats = (path) => new Float32Array(readInts(path).buffer);

/** Lists of all viewers, written beside implicit's; CPU of packing, threads and all. */
async function scoreOurs({ data, k, threads, folder }) {
  const job = {
    viewers: shared(Float32Array, floats(join(folder, 'viewers.f32')).subarray(0, data.viewers * k)),
    films: shared(Float32Array, floats(join(folder, 'films.f32')).subarray(0, data.films * k)),
    k,
    size: SIZE,
    start: shared(Int32Array, readInts(data.start)),
    column: shared(Int32Array, readInts(data.column)),
    topFilm: shared(Int32Array, new Int32Array(data.viewers * SIZE).fill(-1)),
  };
  const before = process.cpuUsage();
  const wall = performance.now();
  const module = new URL('./score-units.js', import.meta.url);
  const crew = await createThreads().crew({ module, data: job, threads: threadsFor(data.viewers, threads) });
  await crew.run('score', 0); // until every thread has its films
  const cpu = () => {
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1e6;
  };
  const start = cpu();
  await crew.run('score', unitsOf(data.viewers));
  const all = cpu();
  const seconds = (performance.now() - wall) / 1000;
  await crew.stop();
  writeFileSync(join(folder, 'ours.i32'), Int32Array.from(job.topFilm));
  writeFileSync(join(folder, 'ours.f32'), scoresOf(job));
  return {
    cpu: all,
    start,
    wall: seconds,
    peakMiB: Math.round(process.resourceUsage().maxRSS / 1024),
  };
}

/** Inner products of what was listed, as `implicit` says them. */
function scoresOf({ viewers, films, k, topFilm }) {
  return Float32Array.from(topFilm, (film, n) => {
    const v = Math.floor(n / SIZE);
    let score = 0;
    for (let j = 0; j < k; j++) score += viewers[v * k + j] * films[film * k + j];
    return score;
  });
}

function runOurs(problem) {
  const args = [fileURLToPath(import.meta.url), '--ours', JSON.stringify(problem)];
  return JSON.parse(execFileSync(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] }));
}

/** Of all places: equal films; and unequal ones whose scores differ by more than rounding, which must not be. */
function agreement(folder) {
  const [ours, theirs] = [readInts(join(folder, 'ours.i32')), readInts(join(folder, 'top.i32'))];
  const [ourScore, theirScore] = [floats(join(folder, 'ours.f32')), floats(join(folder, 'top.f32'))];
  let equal = 0;
  let wrong = 0;
  for (let n = 0; n < ours.length; n++) {
    if (ours[n] === theirs[n]) equal++;
    else if (Math.abs(ourScore[n] - theirScore[n]) > 1e-5 * Math.max(1, Math.abs(theirScore[n]))) wrong++;
  }
  return { equal: equal / ours.length, wrong };
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

function compare(python, data, k, { rounds, threads }) {
  const folder = join(flags.work, `factors-${data.name}-${k}`);
  mkdirSync(folder, { recursive: true });
  const pairs = Array.from({ length: rounds }, () => {
    const trained = runImplicit(python, {
      data,
      k,
      threads,
      solver: 'cg',
      iterations: 5,
      confidence: 10,
      regularisation: 5,
      factorsFolder: folder,
    });
    return { theirs: trained.recommend, ours: runOurs({ data, k, threads, folder }) };
  });
  const { equal, wrong } = agreement(folder);
  if (wrong > 0) process.exitCode = 1;
  const ratio = (of) => {
    const ratios = pairs.map(({ ours, theirs }) => of(ours) / of(theirs));
    return `${median(ratios).toFixed(2)} (${ratios.map((r) => r.toFixed(2)).join(' ')})`;
  };
  const cpu = (run) => run.cpu;
  const of = (whose) => median(pairs.map((pair) => pair[whose].cpu));
  const row = [
    data.name,
    `${data.viewers} × ${data.films}`,
    k,
    of('ours').toFixed(2),
    of('theirs').toFixed(2),
    ratio(cpu),
    median(pairs.map(({ ours }) => ours.start)).toFixed(2),
    ratio((run) => run.wall),
    `${median(pairs.map((pair) => pair.ours.peakMiB))} / ${median(pairs.map((pair) => pair.theirs.peakMiB))}`,
    `${(100 * equal).toFixed(3)} %, others tie${wrong === 0 ? '' : `, but ${wrong} do not`}`,
  ];
  console.log(`| ${row.join(' | ')} |`);
  return { ours: of('ours'), theirs: of('theirs') };
}

if (flags.ours !== undefined) {
  console.log(JSON.stringify(await scoreOurs(JSON.parse(flags.ours))));
} else if (flags.work === undefined) {
  console.error(USAGE);
  process.exitCode = 2;
} else {
  const python = pythonWithImplicit(flags.work);
  const sets = [
    ...(flags['ml-1m'] === undefined ? [] : [dataSet(flags.work, 'ml-1m-ge3', flags['ml-1m'])]),
    ...(flags.large ? [dataSet(flags.work, 'large', LARGE)] : []),
  ];
  console.log(
    '| data | viewers × films | k | our CPU s | implicit | CPU ratio | … to start | wall ratio | peak MiB | same places |',
  );
  console.log('|---|---|---|---|---|---|---|---|---|---|');
  const options = { rounds: Number(flags.rounds), threads: Number(flags.threads) };
  for (const data of sets) {
    for (const k of flags.k.split(',').map(Number)) compare(python, data, k, options);
  }
  if (flags.growth) {
    const grown = growthSets(flags.work).map(([label, data, k]) => ({
      label,
      ...compare(python, data, k, options),
    }));
    if (flags.plot !== undefined)
      writeFileSync(flags.plot, drawGrowth('CPU seconds of scoring every viewer', grown));
  }
}
