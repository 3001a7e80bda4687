// Training against `implicit`, like against like: conjugate gradients against its own, Cholesky against its
// Cholesky; the same data, threads and objective; runs alternate, in processes of their own. `cg` takes the two steps of a
// night, `cg3` three, as many as `implicit` does.
//   npm run build && node bench/train.js --work FOLDER [--ml-1m FOLDER] [--large] [--growth [--plot FILE.svg]] [--k 64,128]
//     [--solver cg,cg3,exact] [--rounds 3] [--epochs 5] [--threads 2]
// FOLDER keeps the generated data and a Python environment with `implicit`, which the script makes. CPU seconds are of the
// whole process, all threads, the median of the epochs after the first.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createThreads } from '../dist/adapters/threads/crew.js';
import { createTrainer } from '../dist/adapters/threads/trainer.js';
import { buildCells, createCellList } from '../dist/core/als/cells.js';
import { startFilms } from '../dist/core/als/start.js';
import { createWorkspace } from '../dist/core/als/workspace.js';
import { LARGE, dataSet, growthSets, readInts } from './als-data.js';
import { drawGrowth } from './growth-plot.js';
import { pythonWithImplicit, runImplicit } from './implicit-run.js';
import { optionsOf } from './options.js';
import { trainByThreeSteps } from './train-units.js';

// implicit minimises Σ c(p − s)² + l(‖x‖² + ‖y‖²), c = C where observed and 1 elsewhere. With p' = C/(C − 1), x = √p' x̃ and
// the same for y, that is p'² L − p'·cells, where L is our loss of x̃ with w = C − 1, α₀ = 1, λ = l/p', ν = 0.
const C = 10;
const REGULARISATION = 5;
const STRETCH = C / (C - 1);
const HYPER = { alpha0: 1, lambda: REGULARISATION / STRETCH, nu: 0 };

const USAGE = `usage: node bench/train.js --work FOLDER [--ml-1m FOLDER] [--large] [--growth [--plot FILE.svg]]
  [--k 64,128] [--solver cg,cg3,exact] [--rounds 3] [--epochs 5] [--threads 2]`;
const { values: flags } = optionsOf(USAGE, {
  work: { type: 'string' },
  'ml-1m': { type: 'string' },
  large: { type: 'boolean' },
  growth: { type: 'boolean' },
  plot: { type: 'string' },
  k: { type: 'string', default: '64,128' },
  solver: { type: 'string', default: 'cg,cg3,exact' },
  rounds: { type: 'string', default: '3' },
  epochs: { type: 'string', default: '5' },
  threads: { type: 'string', default: '2' },
  ours: { type: 'string' },
});

/** One training of ours; prints what the parent asks for. */
async function trainOurs({ data, k, solver, epochs, threads }) {
  const { arena, byRow, byColumn } = buildCells(data.viewers, data.films, listOf(data));
  const workspace = createWorkspace({ arena, byViewer: byRow, byFilm: byColumn }, { ...HYPER, k });
  const ids = Array.from({ length: data.films }, (_, film) => String(film));
  startFilms(workspace, ids, { seed: 1, initSd: 1 }); // a smaller start spends the first epoch growing
  const [cpu, wall] = [[cpuSeconds()], [performance.now() / 1000]];
  const onEpoch = () => {
    cpu.push(cpuSeconds());
    wall.push(performance.now() / 1000);
  };
  const losses =
    solver === 'cg3'
      ? await trainByThreeSteps(createThreads(), workspace, { epochs, threads, onEpoch })
      : await createTrainer(createThreads()).train(workspace, { epochs, solver, threads, onEpoch });
  const differences = (times) => times.slice(2).map((time, n) => time - times[n + 1]);
  return {
    cpu: differences(cpu),
    wall: differences(wall),
    peakMiB: Math.round(process.resourceUsage().maxRSS / 1024),
    loss: STRETCH ** 2 * losses.at(-1) - STRETCH * data.cells,
  };
}

function listOf(data) {
  const start = readInts(data.start);
  const list = createCellList(data.cells);
  list.column.set(readInts(data.column));
  for (let u = 0; u < data.viewers; u++) list.row.fill(u, start[u], start[u + 1]);
  list.weightMicro.fill((C - 1) * 1_000_000);
  list.count = data.cells;
  return list;
}

function cpuSeconds() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

function runOurs(problem) {
  const args = [fileURLToPath(import.meta.url), '--ours', JSON.stringify(problem)];
  return JSON.parse(execFileSync(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] }));
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

/** A row of the table: `rounds` alternating pairs. */
function compare(python, data, k, solver, { rounds, epochs, threads }) {
  const pairs = Array.from({ length: rounds }, () => {
    const theirs = runImplicit(python, {
      data,
      k,
      threads,
      iterations: epochs,
      confidence: C,
      regularisation: REGULARISATION,
      solver: solver === 'exact' ? 'cholesky' : 'cg',
    });
    return { ours: runOurs({ data, k, solver, epochs, threads }), theirs };
  });
  const ratios = (of) => pairs.map(({ ours, theirs }) => of(ours) / of(theirs));
  const spread = (values) => `${median(values).toFixed(2)} (${values.map((v) => v.toFixed(2)).join(' ')})`;
  const ours = (of) => median(pairs.map((pair) => of(pair.ours)));
  const theirs = (of) => median(pairs.map((pair) => of(pair.theirs)));
  const cpu = (run) => median(run.cpu);
  const wall = (run) => median(run.wall);
  const row = [
    data.name,
    `${data.viewers} × ${data.films} × ${data.cells}`,
    k,
    solver,
    ours(cpu).toFixed(3),
    theirs(cpu).toFixed(3),
    spread(ratios(cpu)),
    spread(ratios(wall)),
    `${ours((run) => run.peakMiB)} / ${theirs((run) => run.peakMiB)}`,
    `${(ours((run) => run.loss) / data.cells).toFixed(4)} / ${(theirs((run) => run.loss) / data.cells).toFixed(4)}`,
  ];
  console.log(`| ${row.join(' | ')} |`);
  return { ours: ours(cpu), theirs: theirs(cpu) };
}

/** Runs of [label, data set, k]; growth is of one solver and fixed k. */
function runsOf(work) {
  const ks = flags.k.split(',').map(Number);
  const sets = [];
  if (flags['ml-1m'] !== undefined) sets.push(dataSet(work, 'ml-1m-ge3', flags['ml-1m']));
  if (flags.large) sets.push(dataSet(work, 'large', LARGE));
  return sets.flatMap((data) => ks.map((k) => [data.name, data, k]));
}

if (flags.ours !== undefined) {
  console.log(JSON.stringify(await trainOurs(JSON.parse(flags.ours))));
} else if (flags.work === undefined) {
  console.error(USAGE);
  process.exitCode = 2;
} else {
  const python = pythonWithImplicit(flags.work);
  const options = {
    rounds: Number(flags.rounds),
    epochs: Number(flags.epochs),
    threads: Number(flags.threads),
  };
  console.log(
    '| data | viewers × films × cells | k | solver | our CPU s/epoch | implicit | CPU ratio | wall ratio | peak MiB | loss per cell |',
  );
  console.log('|---|---|---|---|---|---|---|---|---|---|');
  const solvers = flags.solver.split(',');
  for (const [, data, k] of runsOf(flags.work)) {
    for (const solver of solvers) compare(python, data, k, solver, options);
  }
  if (flags.growth) {
    const grown = growthSets(flags.work).map(([label, data, k]) => ({
      label,
      ...compare(python, data, k, solvers[0], options),
    }));
    if (flags.plot !== undefined)
      writeFileSync(flags.plot, drawGrowth('CPU seconds of a training epoch', grown));
  }
}
