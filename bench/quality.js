// Quality of the models on public data sets that you downloaded yourself, with the published figures of the same protocol
// beside them. `auto` chooses on a part of each train file, so that no test file chooses anything.
//   npm run build && node bench/quality.js FOLDER      FOLDER holds ml-100k/, ml-1m-ge3/, ml-1m-ncf/; absent ones are named
//   node bench/quality.js FOLDER --only ml-100k --seeds 3
// Exits 1 when a mean is below its target.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { evaluateFiles } from '../dist/cli/evaluate.js';
import { below, randomOf } from '../dist/core/random/random.js';

// `published`: figures of `metric` on the same files or, for a random split, the same protocol
const SETS = [
  {
    name: 'ml-100k u1',
    folder: 'ml-100k',
    train: ['u1.base'],
    test: ['u1.test'],
    k: 10,
    metric: 'ndcg',
    target: 0.55,
    published: 'popularity .325, Gorse .493, EASE(400) .566',
  },
  {
    name: 'ml-100k 75/25',
    folder: 'ml-100k',
    train: ['u.data'],
    split: 0.25,
    k: 10,
    metric: 'ndcg',
    target: 0.475,
    published: 'BiVAE .4751, BPR .4420, LightGCN .4198, EASE(400) .4805',
  },
  {
    name: 'ml-1m-ge3 fixed',
    folder: 'ml-1m-ge3',
    train: ['train.txt', 'valid.txt'],
    test: ['test.txt'],
    k: 20,
    metric: 'recall',
    target: 0.25,
    published: 'popularity .1181, Gorse .226, EASE(500) .2538',
  },
  {
    name: 'ml-1m-ncf 1+99',
    folder: 'ml-1m-ncf',
    train: ['train.reconstructed.tsv.gz'],
    test: ['ml-1m.test.rating'],
    k: 10,
    metric: 'hit',
    negatives: 'ml-1m.test.negative.gz',
    target: 0.72,
    published: 'NeuMF .6725–.7093, iALS .7111, SLIM .7162, MF .7294',
  },
];

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { only: { type: 'string' }, seeds: { type: 'string', default: '1' } },
});
const [root] = positionals;
if (root === undefined) {
  console.error('usage: node bench/quality.js FOLDER [--only NAME] [--seeds N]');
  process.exit(2);
}

/** Each viewer's lines in random order; the last `share` are the test part. */
function splitLines(file, share, seed, folder) {
  const byViewer = new Map();
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    const viewer = line.split('\t', 1)[0];
    if (viewer !== '') byViewer.set(viewer, [...(byViewer.get(viewer) ?? []), line]);
  }
  const parts = { train: [], test: [] };
  for (const [viewer, lines] of byViewer) {
    const random = randomOf('quality-split', seed, viewer);
    for (let n = lines.length - 1; n > 0; n--) {
      const other = below(random, n + 1);
      [lines[n], lines[other]] = [lines[other], lines[n]];
    }
    const cut = lines.length - Math.round(lines.length * share);
    parts.train.push(...lines.slice(0, cut));
    parts.test.push(...lines.slice(cut));
  }
  return Object.entries(parts).map(([name, lines]) => {
    const path = join(folder, `${name}-${seed}.tsv`);
    writeFileSync(path, lines.join('\n'));
    return path;
  });
}

async function evaluateSet(set, seed, folder) {
  const at = (file) => join(root, set.folder, file);
  const [train, test] =
    set.split === undefined
      ? [set.train.map(at), set.test.map(at)]
      : splitLines(at(set.train[0]), set.split, seed, folder).map((path) => [path]);
  return evaluateFiles(
    {
      train,
      test,
      ...(set.negatives === undefined ? {} : { negatives: at(set.negatives) }),
      model: ['auto', 'als'],
      preference: 'binary',
      k: set.k,
      seed,
    },
    () => undefined,
  );
}

const shown = (values) => {
  const mean = values.reduce((a, b) => a + b) / values.length;
  const spread = `${Math.min(...values).toFixed(4)} … ${Math.max(...values).toFixed(4)}`;
  return `${mean.toFixed(4)}${values.length > 1 ? ` (${spread})` : ''}`;
};

console.log('| data | viewers | measure | auto | chosen | ALS | popularity | target | published | CPU s |');
console.log('|---|---|---|---|---|---|---|---|---|---|');
const folder = mkdtempSync(join(tmpdir(), 'matinee-quality-'));
let missed = 0;
for (const set of SETS.filter(({ name }) => values.only === undefined || name.startsWith(values.only))) {
  if (!existsSync(join(root, set.folder, set.train[0]))) {
    console.error(`${set.name}: ${join(root, set.folder, set.train[0])} is not there; skipped`);
    continue;
  }
  const found = [];
  for (let seed = 1; seed <= Number(values.seeds); seed++) found.push(await evaluateSet(set, seed, folder));
  const of = (metrics) => shown(found.map((one) => metrics(one)[set.metric]));
  const auto = of((one) => one.metrics);
  if (Number.parseFloat(auto) < set.target) missed++;
  const chosen = [...new Set(found.map((one) => `${one.model} ${one.tried[0].lambda ?? ''}`.trim()))];
  const als = of((one) => (one.model === 'als' ? one.metrics : one.baselines.als));
  const popularity = of((one) => one.baselines.popularity);
  const cpu = found.reduce((sum, one) => sum + one.cpuSeconds, 0) / found.length;
  console.log(
    `| ${[set.name, found[0].n, `${set.metric}@${set.k}`, auto, chosen.join(', '), als, popularity, set.target, set.published, cpu.toFixed(1)].join(' | ')} |`,
  );
}
rmSync(folder, { recursive: true });
process.exitCode = missed > 0 ? 1 : 0;
