// Quality of the models on public data sets that you downloaded yourself, with the published figures of the same protocol
// beside them. `auto` chooses model and settings on a part of each train file, so that no test file chooses anything.
//   npm run build && node bench/quality.js FOLDER      FOLDER holds ml-100k/, ml-1m-ge3/, …; absent ones are named
//   node bench/quality.js FOLDER --only ml-100k --first 2 --seeds 3     sets whose name begins so; seeds of splits and starts
//   node bench/quality.js FOLDER --claim      the rows of NDCG@10 once more, beside an EASE whose λ the test part itself chose
// Exits 1 when a mean is below its target.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { evaluateFiles } from '../dist/cli/evaluate.js';
import { loadExperiment } from '../dist/cli/evaluate/experiment.js';
import { measure } from '../dist/cli/evaluate/measure.js';
import { createThreads } from '../dist/adapters/threads/crew.js';
import { createJudge } from '../dist/adapters/threads/judge.js';
import { createTrainer } from '../dist/adapters/threads/trainer.js';
import { configSchema } from '../dist/contracts/index.js';
import { optionsOf } from './options.js';
import { SETS } from './quality-sets.js';

const USAGE =
  'usage: node bench/quality.js FOLDER [--only NAME] [--first N] [--seeds N] [--tries N] [--claim [--lambdas 50,100,…]]';
const { positionals, values } = optionsOf(
  USAGE,
  {
    only: { type: 'string' },
    first: { type: 'string', default: '1' },
    seeds: { type: 'string', default: '3' },
    tries: { type: 'string', default: '12' },
    claim: { type: 'boolean', default: false },
    lambdas: { type: 'string', default: '50,100,200,300,400,500,700,1000,1500,2000,3000' },
  },
  { allowPositionals: true },
);
const [root] = positionals;
if (root === undefined) {
  console.error(USAGE);
  process.exit(2);
}
/** λ of an EASE that is tuned on the test part itself: no honest tuning reaches more. */
const LAMBDAS = values.lambdas.split(',').map(Number);
/** Shares of that EASE's NDCG@10 that are claimed. */
const CLAIM = { auto: 0.95, als: 0.92 };

const CONFIG = configSchema.parse({});
const threads = createThreads();
const COMPUTE = { threads, trainer: createTrainer(threads), judge: createJudge(threads) };

const HEAD =
  '| data | viewers | measure | auto | chosen | ALS | EASE | popularity | target | published | CPU s |\n|---|---|---|---|---|---|---|---|---|---|---|'; // prettier-ignore
const CLAIM_HEAD =
  '| data | viewers | NDCG@10: auto | chosen | ALS | EASE, λ by the test part | auto ÷ EASE | ALS ÷ EASE | auto − popularity, 90 % |\n|---|---|---|---|---|---|---|---|---|'; // prettier-ignore

const mean = (numbers) => numbers.reduce((a, b) => a + b) / numbers.length;
const shown = (numbers) => {
  const spread = `${Math.min(...numbers).toFixed(4)} … ${Math.max(...numbers).toFixed(4)}`;
  return `${mean(numbers).toFixed(4)}${numbers.length > 1 ? ` (${spread})` : ''}`;
};
const metricsOf = (found, model) => (found.model === model ? found.metrics : found.baselines[model]);
const settingOf = ({ model, k, alpha0, lambda }) =>
  model === 'ease' ? `ease λ ${lambda}` : `als k ${k} α₀ ${alpha0} λ ${lambda}`;

let failed = 0;
const folder = mkdtempSync(join(tmpdir(), 'matinee-quality-'));
try {
  const claims = [];
  console.log(HEAD);
  for (const set of SETS.filter(({ name }) => values.only === undefined || name.startsWith(values.only))) {
    const at = (file) => join(root, set.folder, file);
    if (set.needs !== undefined && !existsSync(at(set.needs))) {
      console.error(`${set.name}: ${at(set.needs)} is not there; skipped`);
      continue;
    }
    const splits = [];
    for (let seed = Number(values.first); seed <= Number(values.seeds); seed++)
      splits.push({ seed, parts: await set.parts(at, seed, folder) });
    const found = await compare(set, splits);
    if (values.claim && set.metric === 'ndcg' && set.k === 10)
      claims.push(...(await claimed(set, splits, found)));
  }
  if (values.claim) console.log([CLAIM_HEAD, ...claims].join('\n'));
} finally {
  rmSync(folder, { recursive: true });
}
process.exitCode = failed > 0 ? 1 : 0;

function evaluate(parts, k, seed, more) {
  return evaluateFiles(
    { ...parts, model: ['auto', 'als', 'ease'], preference: 'binary', k, seed, tries: Number(values.tries), ...more },
    () => undefined,
  ); // prettier-ignore
}

async function compare(set, splits) {
  const found = [];
  for (const { seed, parts } of splits) found.push(await evaluate(parts, set.k, seed, { by: set.metric }));
  const rows = [[set.metric, set.target, set.published], ...Object.entries(set.others ?? {}).map(([metric, published]) => [metric, undefined, published])]; // prettier-ignore
  for (const [metric, target, published] of rows) {
    const of = (model) =>
      found.map((one) => (model === 'auto' ? one.metrics : metricsOf(one, model))[metric]);
    if (target !== undefined && mean(of('auto')) < target) failed++;
    const chosen = [...new Set(found.map((one) => settingOf(one.tried[0])))].join(', ');
    const cells = [set.name, found[0].n, `${metric}@${set.k}`, shown(of('auto')), chosen, shown(of('als')), shown(of('ease')), shown(of('popularity')), target ?? '', published, mean(found.map((one) => one.cpuSeconds)).toFixed(1)]; // prettier-ignore
    console.log(`| ${cells.join(' | ')} |`);
  }
  return found;
}

/** The same runs beside the best that EASE can do on their test parts. */
async function claimed(set, splits, evaluations) {
  const rows = [];
  for (const [n, { seed, parts }] of splits.entries()) {
    const found = evaluations[n];
    const oracle = await bestEase(parts);
    const als = metricsOf(found, 'als').ndcg;
    const shares = { auto: found.metrics.ndcg / oracle.ndcg, als: als / oracle.ndcg };
    const { mean: by, lower, upper } = found.ahead;
    if (shares.auto < CLAIM.auto || shares.als < CLAIM.als || lower <= 0) failed++;
    const cells = [`${set.name}${set.isRandom ? ` #${seed}` : ''}`, found.n, found.metrics.ndcg.toFixed(4), settingOf(found.tried[0]), als.toFixed(4), `${oracle.ndcg.toFixed(4)} (λ ${oracle.lambda})`, shares.auto.toFixed(3), shares.als.toFixed(3), `${by.toFixed(4)} (${lower.toFixed(4)} … ${upper.toFixed(4)})`]; // prettier-ignore
    rows.push(`| ${cells.join(' | ')} |`);
    if (set.isRandom !== true) break;
  }
  return rows;
}

/** EASE at every λ, measured on the test part. */
async function bestEase(parts) {
  const experiment = await loadExperiment({ negatives: undefined, relevantFrom: undefined, ...parts }, () => undefined); // prettier-ignore
  const measured = [];
  for (const lambda of LAMBDAS) {
    const options = { models: ['ease'], preference: 'binary', k: 10, config: CONFIG, easeLambda: lambda, say: () => undefined }; // prettier-ignore
    const { metrics } = await measure(experiment, options, COMPUTE);
    measured.push({ lambda, ndcg: metrics.ease.ndcg });
  }
  return measured.reduce((best, one) => (one.ndcg > best.ndcg ? one : best));
}
