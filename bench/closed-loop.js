// Twenty-five nights in a closed loop: every night makes lists from all that happened, every day the simulated viewers are
// shown them and react. Personal lists against the same Top list for everybody, the same viewers at the same times.
//   node bench/closed-loop.js [--first 1] [--seeds 20] [--nights 25] [--viewers 500] [--films 600] [--days 120] [--list 20] [--k 16]
//     [--variants dot-product,non-linear] [--results FILE [--report-only]] [--plot docs/images/closed-loop.svg]
// Nights run in this process (src/simulator/closed-loop: the product's feedback, trainer and list maker, without Temporal,
// SQL and gate); bench/closed-loop-product.js runs one seed on the whole product and compares. --results keeps a line per
// seed, so that a run that was cut off goes on where it was.
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { configSchema } from '../dist/contracts/config.js';
import { createSimdKernel } from '../dist/kernels/simd/kernel.js';
import { audienceOf } from '../dist/cli/simulate/plan.js';
import { closedLoop } from '../dist/simulator/closed-loop/closed-loop.js';
import { drawClosedLoop } from './closed-loop-plot.js';
import { average, interval } from './seed-statistics.js';
import { table } from './stack.js';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '20' },
    first: { type: 'string', default: '1' },
    nights: { type: 'string', default: '25' },
    viewers: { type: 'string', default: '500' },
    films: { type: 'string', default: '600' },
    days: { type: 'string', default: '120' },
    list: { type: 'string', default: '20' },
    k: { type: 'string', default: '16' },
    variants: { type: 'string', default: 'dot-product,non-linear' },
    results: { type: 'string' },
    /** Only what --results holds; nothing is run. */
    'report-only': { type: 'boolean', default: false },
    plot: { type: 'string' },
  },
});
const [seeds, nights, viewers, films, days, list, k] = [
  'seeds',
  'nights',
  'viewers',
  'films',
  'days',
  'list',
  'k',
].map((name) => Number(values[name]));
const variants = values.variants.split(',');
/** Positive interactions on the first night (science C.7). */
const SLICES = {
  heavy: (n) => n >= 50,
  medium: (n) => n >= 10 && n < 50,
  light: (n) => n < 10,
  all: () => true,
};
const POLICIES = ['top', 'personal'];
const UNTIL_FROM = '2026-01-05';

const config = configSchema.parse({ ials: { k }, lists: { size: list } });
const setting = JSON.stringify({ nights, viewers, films, days, list, k });
const done = new Map();
if (values.results !== undefined && existsSync(values.results)) {
  for (const line of readFileSync(values.results, 'utf8').trim().split('\n')) {
    const result = JSON.parse(line);
    if (result.setting === setting) done.set(`${result.variant} ${result.seed}`, result);
  }
}
const started = process.cpuUsage();
for (let seed = Number(values.first); seed <= seeds && !values['report-only']; seed += 1) {
  for (const variant of variants) {
    if (done.has(`${variant} ${seed}`)) continue;
    const result = await runSeed(variant, seed);
    done.set(`${variant} ${seed}`, result);
    if (values.results !== undefined) appendFileSync(values.results, `${JSON.stringify(result)}\n`);
    const { heavy } = result.slices;
    process.stderr.write(
      `${variant} seed ${seed}: ${heavy.viewers} heavy viewers, completions per session ` +
        `${perSession(heavy.top, 'completions').toFixed(3)} → ${perSession(heavy.personal, 'completions').toFixed(3)}\n`,
    );
  }
}
const results = [...done.values()].filter(({ seed, variant }) => seed <= seeds && variants.includes(variant));
report(results);
if (values.plot !== undefined) {
  mkdirSync(dirname(values.plot), { recursive: true });
  writeFileSync(values.plot, drawClosedLoop(results, variants));
  console.log(`\nplot: ${values.plot}`);
}
const { user, system } = process.cpuUsage(started);
console.log(`\nCPU of this run: ${((user + system) / 1e6).toFixed(0)} s`);

async function runSeed(variant, seed) {
  const plan = { viewers, films, days, seed, variant, from: UNTIL_FROM };
  const runs = {};
  for (const policy of POLICIES) {
    runs[policy] = await closedLoop({
      audience: audienceOf(plan, config.ages, new Date()),
      nights,
      policy,
      listLength: list,
      config,
      createKernel: createSimdKernel,
    });
  }
  // Who is heavy was decided by the same history in both.
  const { positives } = runs.personal;
  const slices = {};
  for (const [name, isIn] of Object.entries(SLICES)) {
    const rows = [...positives].flatMap((n, at) => (isIn(n) ? [at] : []));
    slices[name] = { viewers: rows.length };
    for (const policy of POLICIES) slices[name][policy] = sumOf(rows.map((at) => runs[policy].tallies[at]));
  }
  const heavy = [...positives].flatMap((n, at) => (SLICES.heavy(n) ? [at] : []));
  const byNight = Object.fromEntries(
    POLICIES.map((policy) => [policy, runs[policy].days.map((day) => sumOf(heavy.map((at) => day[at])))]),
  );
  return { setting, variant, seed, slices, byNight, personalShare: runs.personal.personalShare };
}

function sumOf(tallies) {
  const total = { sessions: 0, plays: 0, completions: 0, watchedSec: 0 };
  for (const tally of tallies) for (const key of Object.keys(total)) total[key] += tally[key];
  return total;
}

function perSession(total, what) {
  return total[what] / total.sessions;
}

function report(all) {
  const rows = [];
  for (const variant of variants) {
    const of = all.filter((result) => result.variant === variant);
    for (const slice of Object.keys(SLICES)) {
      const lifts = of.map(
        ({ slices: { [slice]: s } }) =>
          perSession(s.personal, 'completions') / perSession(s.top, 'completions') - 1,
      );
      const plays = of.map(
        ({ slices: { [slice]: s } }) => perSession(s.personal, 'plays') / perSession(s.top, 'plays') - 1,
      );
      const mean = (policy) =>
        average(of.map(({ slices: { [slice]: s } }) => perSession(s[policy], 'completions')));
      const { low, high } = interval(lifts);
      rows.push({
        variant,
        viewers: slice,
        'per seed': average(of.map(({ slices }) => slices[slice].viewers)).toFixed(0),
        'Top list': mean('top').toFixed(3),
        personal: mean('personal').toFixed(3),
        lift: percent(average(lifts)),
        '95 % interval': `${percent(low)} … ${percent(high)}`,
        'least of the seeds': percent(Math.min(...lifts)),
        'plays per session': percent(average(plays)),
      });
    }
  }
  const counts = variants.map((name) => `${all.filter(({ variant }) => variant === name).length} ${name}`);
  console.log(
    `seeds: ${counts.join(', ')}; ${nights} nights, ${viewers} viewers, ${films} films, ${days} days of history, a list of ${list}, k ${k}\n`,
  );
  console.log(table(rows));
  const personal = average(all.map(({ personalShare }) => personalShare));
  console.log(`\npages with a personal list on the last day: ${(100 * personal).toFixed(0)} %`);
}

function percent(share) {
  return `${share >= 0 ? '+' : '−'}${Math.abs(share * 100).toFixed(1)} %`;
}
