// CPU, memory and bytes of an EASE model by the number of films, on made-up viewers.
//   node bench/ease.js 1000 2000 5000
import { table } from './stack.js';
import { createThreads } from '../dist/adapters/threads/crew.js';
import { createTrainer } from '../dist/adapters/threads/trainer.js';
import { buildCells, createCellList } from '../dist/core/als/cells.js';
import { createEaseWorkspace, easeBytes, publishedWeights } from '../dist/core/ease/workspace.js';
import { randomOf } from '../dist/core/random/random.js';

const VIEWERS = 5000;
/** Films that a viewer likes. */
const LIKES = 80;
const THREADS = 2;

const sizes = process.argv.slice(2).map(Number);
if (sizes.length === 0 || sizes.some((films) => !(films > LIKES))) {
  console.error(`usage: node bench/ease.js <films> …, each above ${LIKES}`);
  process.exit(2);
}

/** Popular films more often: the square of a uniform number. */
function cellsOf(films) {
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
  return buildCells(VIEWERS, films, list);
}

const rows = [];
for (const films of sizes) {
  const cells = cellsOf(films);
  const cpu = process.cpuUsage();
  const start = performance.now();
  const workspace = createEaseWorkspace(cells, 500);
  await createTrainer(createThreads()).fitEase(workspace, { threads: THREADS });
  const { user, system } = process.cpuUsage(cpu);
  rows.push({
    films,
    'CPU seconds': ((user + system) / 1e6).toFixed(1),
    'wall seconds, 2 threads': ((performance.now() - start) / 1000).toFixed(1),
    'MiB while fitted': Math.round(easeBytes(films) / 2 ** 20),
    'MiB in a release': ((2 * publishedWeights(workspace).byteLength) / 2 ** 20).toFixed(0),
  });
}
console.log(table(rows));
