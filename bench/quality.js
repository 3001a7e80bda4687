// Quality of the model on public data sets that you downloaded yourself, as a table of NDCG@10 and Recall@10.
//   npm run build && node bench/quality.js FOLDER      FOLDER holds ml-100k/, ml-1m-ge3/, ml-1m-ncf/; absent ones are named
//   node bench/quality.js FOLDER --only ml-100k
// Exits 1 when a ratio to popularity is below its target.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { evaluateFiles } from '../dist/cli/evaluate.js';

const SETS = [
  { name: 'ml-100k', train: ['u1.base'], test: ['u1.test'], target: 1.4 },
  { name: 'ml-1m-ge3', train: ['train.txt', 'valid.txt'], test: ['test.txt'], target: 1.5 },
  {
    name: 'ml-1m-ncf',
    train: ['train.reconstructed.tsv.gz'],
    test: ['ml-1m.test.rating'],
    negatives: 'ml-1m.test.negative.gz',
  },
];

const { positionals, values } = parseArgs({ allowPositionals: true, options: { only: { type: 'string' } } });
const [folder] = positionals;
if (folder === undefined) {
  console.error('usage: node bench/quality.js FOLDER [--only NAME]');
  process.exit(2);
}

console.log(
  '| data | protocol | viewers | model | NDCG@10 | Recall@10 | Hit@10 | coverage | ÷ popularity | CPU s |',
);
console.log('|---|---|---|---|---|---|---|---|---|---|');
let missed = 0;
for (const set of SETS.filter(({ name }) => values.only === undefined || values.only === name)) {
  const at = (file) => join(folder, set.name, file);
  if (!existsSync(at(set.train[0]))) {
    console.error(`${set.name}: ${at(set.train[0])} is not there; skipped`);
    continue;
  }
  const found = await evaluateFiles(
    {
      train: set.train.map(at),
      test: set.test.map(at),
      ...(set.negatives === undefined ? {} : { negatives: at(set.negatives) }),
      model: ['als'],
      preference: 'binary',
      k: 10,
    },
    () => undefined,
  );
  const popularity = found.baselines.popularity.ndcg;
  for (const [model, m] of [['als', found.metrics], ...Object.entries(found.baselines)]) {
    const ratio = m.ndcg / popularity;
    const wanted = model === 'als' && set.target !== undefined ? ` (target ${set.target})` : '';
    if (wanted !== '' && ratio < set.target) missed++;
    const numbers = [m.ndcg, m.recall, m.hit, m.coverage].map((value) => value.toFixed(4)).join(' | ');
    const cpu = model === 'als' ? found.cpuSeconds.toFixed(1) : '';
    console.log(
      `| ${set.name} | ${found.protocol} | ${found.n} | ${model} | ${numbers} | ${ratio.toFixed(2)}${wanted} | ${cpu} |`,
    );
  }
}
process.exitCode = missed > 0 ? 1 : 0;
