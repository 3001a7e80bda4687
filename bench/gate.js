// What the gate does with candidates of known faults, and how often it passes an equal one and a worse one.
//   npm run build && node bench/gate.js [--quick] [--json]
// Part 1 judges each faulty candidate by the product's own measuring, as a refresh and as a recipe change. Part 2 replays
// many nights: viewers of one measured night drawn again with replacement, numbers and bounds computed anew, the gate asked.
// Exits 1 when a faulty candidate passes, or a good one is caught for the wrong reason, or a rate misses its bound.
import { parseArgs } from 'node:util';
import { decide } from '../dist/core/gate/verdict.js';
import { percentileInterval, resampleMeans } from '../dist/core/metrics/bootstrap.js';
import { requiredViewers, standardDeviation, wilson } from '../dist/core/metrics/inference.js';
import { meanOf, valuesOf } from '../dist/core/metrics/judgement.js';
import { below, randomOf } from '../dist/core/random/random.js';
import { championOf, configOf, FAULTS, judgeCandidate, makeWorld } from './gate-world.js';

const { values: flags } = parseArgs({ options: { quick: { type: 'boolean' }, json: { type: 'boolean' } } });
const SIZE = flags.quick ? { viewers: 900, films: 120 } : { viewers: 6000, films: 400 };
const NIGHTS = flags.quick ? 30 : 400;
const RESAMPLES = flags.quick ? 100 : 200;
/** Viewers of a replayed night, times what the gate says it needs: at exactly 1 an equal model passes one test in 80 %. */
const SHARE_OF_REQUIRED = 1.6;

const config = configOf(flags.quick ? { bootstrap: 100, permutations: 200 } : {});
const rules = { ...config.gate, k: 10 };
const world = makeWorld({ ...SIZE, seed: 1 });
const champion = await championOf(world, config);
let missed = 0;

const suite = [];
let equal;
for (const fault of FAULTS) {
  const measured = await judgeCandidate(world, fault, champion, config);
  const { report } = measured;
  if (fault.wanted.length === 0) equal = measured;
  // the champion's own report: its lift when it was judged, as an honest refit shows it
  const before = equal.report;
  for (const kind of ['refresh', 'recipe-change']) {
    const { kind: verdict, gates = [] } = decide({ kind: 'measured', report }, kind, before, rules);
    const stopped = gates.filter(({ state }) => state !== 'PASS');
    const right =
      fault.wanted.length === 0
        ? verdict === 'promote'
        : verdict !== 'promote' && stopped.some(({ gate }) => fault.wanted.includes(gate));
    if (!right) missed++;
    suite.push({
      fault: fault.name,
      as: kind,
      verdict,
      'stopped by': stopped.map(({ gate, state }) => `${gate} ${state}`).join(', '),
      'must be': fault.wanted.join(' or ') || 'promoted',
      right,
      evidence: stopped.find(({ gate }) => fault.wanted.includes(gate))?.sentence ?? '',
    });
  }
}

const nights = [];
for (const [name, loss, bound] of [
  ['equal refresh', 0, { at: 'least', share: 0.8 }],
  ['6 % worse', 0.06, { at: 'most', share: 0.01 }],
]) {
  for (const kind of ['refresh', 'recipe-change']) {
    const passed = replay(equal, kind, loss);
    const { lower, upper } = wilson(passed.count, NIGHTS);
    const kept = bound.at === 'least' ? lower >= bound.share : upper <= bound.share;
    if (!kept && !flags.quick) missed++;
    nights.push({
      candidate: name,
      as: kind,
      'viewers a night': passed.viewers,
      promoted: `${passed.count} of ${NIGHTS}`,
      share: (passed.count / NIGHTS).toFixed(4),
      'Wilson 95 %': `${lower.toFixed(4)} … ${upper.toFixed(4)}`,
      wanted: bound.at === 'least' ? `lower ≥ ${bound.share}` : `upper ≤ ${bound.share}`,
      kept,
    });
  }
}

if (flags.json) console.log(JSON.stringify({ suite, nights }));
else {
  console.log(table(suite.map(({ evidence, ...row }) => ({ ...row, evidence: evidence.slice(0, 140) }))));
  console.log(`\n${table(nights)}`);
}
if (missed > 0) {
  console.error(`${missed} rows are not as promised`);
  process.exitCode = 1;
}

/** How many of the replayed nights promote. Champion and candidate are exchanged at random per viewer: equal by construction. */
function replay({ report, judgement }, kind, loss) {
  const take = (model, k, metric) => valuesOf(judgement, model, judgement.ks.indexOf(k), metric);
  const metrics = { 'ndcg@10': [10, 'ndcg'], 'recall@50': [50, 'recall'] };
  const pairs = Object.entries(metrics).map(([name, [k, metric]]) => ({
    name,
    candidate: take(0, k, metric),
    champion: take(4, k, metric),
  }));
  const popularity = take(2, 10, 'ndcg');
  const formula = take(3, 10, 'ndcg');
  const needed = pairs.map(({ candidate, champion: base }) =>
    requiredViewers(
      candidate.map((v, n) => v - base[n]),
      meanOf(base),
      rules.margin,
    ),
  );
  // a loss in some viewers spreads the differences: a worse candidate needs more viewers than an equal one
  const viewers = Math.ceil(SHARE_OF_REQUIRED * Math.max(...needed, lossNeeds(pairs, loss)));
  let count = 0;
  for (let night = 0; night < NIGHTS; night++) {
    const random = randomOf('replayed-night', kind, loss * 100, night);
    const drawn = Int32Array.from({ length: viewers }, () => below(random, popularity.length));
    const isSwapped = Uint8Array.from(drawn, () => random.next() & 1);
    const isLost = Uint8Array.from(drawn, () => Number(random.next() < loss * 2 ** 32));
    const of = (own, other) => Float64Array.from(drawn, (v, n) => (isSwapped[n] ? other[v] : own[v]));
    const candidateOf = (own, other) => of(own, other).map((v, n) => (isLost[n] ? 0 : v));
    const ndcg = candidateOf(pairs[0].candidate, pairs[0].champion);
    const comparisons = pairs.map(({ name, candidate, champion: base }) => {
      const theirs = of(base, candidate);
      const d = candidateOf(candidate, base).map((v, n) => v - theirs[n]);
      const required = requiredViewers(d, meanOf(theirs), rules.margin);
      return { metric: name, plays: 'all', viewers, base: meanOf(theirs), ...boundsOf(d, night), required };
    });
    const against = (baseline, values) => {
      const theirs = Float64Array.from(drawn, (v) => values[v]);
      const bounds = boundsOf(
        ndcg.map((v, n) => v - theirs[n]),
        night,
      );
      return { baseline, ...bounds, relative: bounds.mean / meanOf(theirs) };
    };
    const replayed = {
      ...report,
      viewers,
      comparisons,
      differences: [against('popularity', popularity), against('weighted-rating', formula)],
      lift: liftOf(
        ndcg,
        Float64Array.from(drawn, (v) => popularity[v]),
      ),
    };
    if (decide({ kind: 'measured', report: replayed }, kind, report, rules).kind === 'promote') count++;
  }
  return { count, viewers };
}

function lossNeeds(pairs, loss) {
  if (loss === 0) return 0;
  return Math.max(
    ...pairs.map(({ candidate, champion: base }) => {
      const random = randomOf('lost', loss * 100);
      const d = candidate.map((v, n) => (random.next() < loss * 2 ** 32 ? 0 : v) - base[n]);
      return requiredViewers(d, meanOf(base), rules.margin);
    }),
  );
}

function boundsOf(differences, seed) {
  const means = new Float64Array(RESAMPLES);
  resampleMeans(differences, seed, 0, RESAMPLES, means);
  return percentileInterval(differences, means);
}

function liftOf(ours, theirs) {
  const [a, b] = [meanOf(ours), meanOf(theirs)];
  const influence = ours.map((v, n) => v / a - theirs[n] / b);
  return { log: Math.log(a / b), error: standardDeviation(influence) / Math.sqrt(ours.length) };
}

function table(rows) {
  const columns = Object.keys(rows[0]);
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [
    line(columns),
    line(columns.map(() => '---')),
    ...rows.map((row) => line(columns.map((c) => row[c]))),
  ].join('\n');
}
