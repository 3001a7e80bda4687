// CPU, memory and bytes of an EASE model by the number of films, on made-up viewers. Memory is measured: the resident set of a
// process of its own at most, less what it had when the behaviour was there. `fit`: training as a night does it; `judged`: the
// refit that is judged, the champion's folded in, the second fit of G10, and the candidate folded in, as evaluation holds them.
//   node bench/ease.js 1000 2000 5000
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { table } from './stack.js';
import { fitScorer, foldIn } from '../dist/activities/fit-scorer.js';
import { trainEase } from '../dist/activities/train-ease.js';
import { createThreads } from '../dist/adapters/threads/crew.js';
import { createTrainer } from '../dist/adapters/threads/trainer.js';
import { configSchema } from '../dist/contracts/index.js';
import { buildCells, createCellList } from '../dist/core/als/cells.js';
import { easeBytes } from '../dist/core/ease/workspace.js';
import { randomOf } from '../dist/core/random/random.js';

const VIEWERS = 5000;
/** Films that a viewer likes. */
const LIKES = 80;
const THREADS = 2;
const MIB = 2 ** 20;

/** Popular films more often: the square of a uniform number. */
function trainingOf(films) {
  const random = randomOf('bench-ease', films);
  const list = createCellList(VIEWERS * LIKES);
  for (let viewer = 0; viewer < VIEWERS; viewer++) {
    const liked = new Set();
    while (liked.size < LIKES) liked.add(Math.floor(films * (random.next() / 2 ** 32) ** 2));
    for (const film of liked) {
      list.row[list.count] = viewer;
      list.column[list.count] = film;
      list.weightMicro[list.count++] = 1_000_000;
    }
  }
  const { arena, byRow, byColumn } = buildCells(VIEWERS, films, list);
  const filmIds = Array.from({ length: films }, (_, film) => String(film).padStart(8, '0'));
  return { arena, byViewer: byRow, byFilm: byColumn, filmIds, viewers: VIEWERS, standing: [], content: null };
}

async function measured(films, isJudged) {
  const training = trainingOf(films);
  const config = configSchema.parse({ model: 'ease', ease: { maxFilms: films }, ials: { threads: THREADS } });
  const trainer = createTrainer(createThreads());
  const { signal } = new AbortController();
  const say = () => {};
  const rest = process.memoryUsage.rss();
  const cpu = process.cpuUsage();
  const start = performance.now();
  const fit = () =>
    trainEase({ config, trainer }, { data: training, recipe: '', earlier: null, signal, say });
  let held = [];
  if (isJudged) {
    const rowOfViewer = Int32Array.from({ length: VIEWERS }, (_, viewer) => viewer);
    const rowOfFilm = Int32Array.from({ length: films }, (_, film) => film);
    const options = { name: 'ease', config, training, rowOfFilm, rowOfViewer, signal, say };
    // As a release's files lie in memory when they have been read.
    const read = () => ({
      kind: 'ease',
      filmIds: training.filmIds,
      width: films,
      numbers: new Float32Array(new SharedArrayBuffer(4 * films ** 2)).fill(1),
    });
    held.push(await fitScorer(trainer, { ...options, kind: 'ease' }));
    held.push(await foldIn(trainer, options, read()));
    await fit();
    const candidate = read();
    held.push(candidate, await foldIn(trainer, options, candidate));
  } else {
    held.push(await fit());
  }
  const { user, system } = process.cpuUsage(cpu);
  return {
    cpuSeconds: (user + system) / 1e6,
    seconds: (performance.now() - start) / 1000,
    peakMiB: (process.resourceUsage().maxRSS * 1024 - rest) / MIB,
    held: held.length,
  };
}

const [first, second, what] = process.argv.slice(2);
if (first === '--one') {
  console.log(JSON.stringify(await measured(Number(second), what === 'judged')));
  process.exit(0);
}

const sizes = process.argv.slice(2).map(Number);
if (sizes.length === 0 || sizes.some((films) => !(films > LIKES))) {
  console.error(`usage: node bench/ease.js <films> …, each above ${LIKES}`);
  process.exit(2);
}
const inOwnProcess = (films, part) =>
  JSON.parse(
    execFileSync(process.execPath, [fileURLToPath(import.meta.url), '--one', String(films), part], {
      encoding: 'utf8',
    }),
  );
const rows = sizes.map((films) => {
  const [fit, judged] = [inOwnProcess(films, 'fit'), inOwnProcess(films, 'judged')];
  return {
    films,
    'CPU seconds': fit.cpuSeconds.toFixed(1),
    'wall seconds, 2 threads': fit.seconds.toFixed(1),
    'MiB of the matrix': Math.round(easeBytes(films) / MIB),
    'MiB, a fit': Math.round(fit.peakMiB),
    'MiB, judged': Math.round(judged.peakMiB),
    'MiB in a release': ((2 * 4 * films ** 2) / MIB).toFixed(0),
  };
});
console.log(table(rows));
