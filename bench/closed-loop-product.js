// One seed of the closed loop on the whole product - Postgres, Temporal nights, DuckDB, gate, releases, HTTP - beside the
// same nights in this process (bench/closed-loop.js): do both show the same viewers the same lists?
//   node bench/closed-loop-product.js [--nights 10] [--viewers 500] [--films 600] [--days 120] [--list 20] [--k 16] [--seed 1]
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { audienceOf, isoDay, sourceOf } from '../dist/cli/simulate/plan.js';
import { liveNights } from '../dist/cli/simulate/live-nights.js';
import { configSchema } from '../dist/contracts/config.js';
import { bucketOf, pidOf } from '../dist/core/identity/pid.js';
import { homePaths, pidKey } from '../dist/embedded/home.js';
import { createSimdKernel } from '../dist/kernels/simd/kernel.js';
import { createHistories } from '../dist/simulator/closed-loop/histories.js';
import { createTwin } from '../dist/simulator/closed-loop/twin-night.js';
import { simulateAudience } from '../dist/simulator/index.js';
import { makeHome, removeHome, table, withStack } from './stack.js';

const { values } = parseArgs({
  options: {
    nights: { type: 'string', default: '10' },
    viewers: { type: 'string', default: '500' },
    films: { type: 'string', default: '600' },
    days: { type: 'string', default: '120' },
    list: { type: 'string', default: '20' },
    k: { type: 'string', default: '16' },
    seed: { type: 'string', default: '1' },
  },
});
const [nights, viewers, films, days, list, k, seed] = [
  'nights',
  'viewers',
  'films',
  'days',
  'list',
  'k',
  'seed',
].map((name) => Number(values[name]));
const DAY_MS = 86_400_000;
const home = makeHome();
// Few viewers can be measured at this size: the gate takes what there is, or it would hold every night.
const settingsOf = { ials: { k }, lists: { size: list }, evaluate: { minViewers: 50 } };
const config = configSchema.parse(settingsOf);
const configFile = join(home, '..', `matinee-loop-${process.pid}.yaml`);
writeFileSync(configFile, JSON.stringify(settingsOf));

try {
  await withStack(home, loop, { MATINEE_CONFIG: configFile });
} finally {
  removeHome(home);
}

async function loop(running) {
  const { loadSettings } = await import('../dist/config.js');
  const settings = loadSettings();
  const until = Math.floor(Date.now() / DAY_MS) * DAY_MS - nights * DAY_MS;
  const plan = { viewers, films, days, seed, variant: 'dot-product', from: isoDay(until - days * DAY_MS) };
  const audience = audienceOf(plan, config.ages, new Date());
  const profiles = [...simulateAudience(audience).profiles()];
  const { key } = await pidKey(homePaths(home));
  const histories = createHistories(
    audience.films.map(({ film }) => film),
    profiles,
    config,
  );
  // Viewers in the product's order: by bucket, then pseudonym.
  const orderKey = (profileId) => {
    const pid = pidOf(key, profileId);
    return `${String(bucketOf(pid, config.lists.buckets)).padStart(5, '0')} ${pid}`;
  };
  const twin = createTwin({
    films: audience.films.map(({ film }) => film),
    profiles,
    histories,
    config,
    createKernel: createSimdKernel,
    orderKey,
    isTrained: true,
  });
  const rows = [];
  let release;
  let compared;
  let started = performance.now();
  await liveNights({
    settings,
    running,
    audience,
    source: sourceOf(plan, audience.until),
    mayMix: false,
    nights,
    listLength: list,
    hooks: {
      onEvents: (events) => histories.add(events),
      async onNight({ dayMs }) {
        compared = { pages: 0, personal: 0, same: 0, overlap: 0 };
        release = await twin.night(dayMs);
      },
      onPage(profileId, { servedBy, filmIds }) {
        const own = release.personal(profileId);
        const twins = own.filmIds.slice(0, list);
        compared.pages += 1;
        const isPersonal = servedBy === 'personal' && own.servedBy === 'personal';
        const isSame = servedBy === own.servedBy && filmIds.join() === twins.join();
        compared.personal += isPersonal ? 1 : 0;
        compared.same += isSame ? 1 : 0;
        compared.overlap += filmIds.filter((id) => twins.includes(id)).length / Math.max(1, filmIds.length);
        if (!isSame) console.error(JSON.stringify({ profileId, servedBy, filmIds, twin: own }));
      },
      onDay({ date, result, pages, tallies }) {
        const sum = (what) => tallies.reduce((total, tally) => total + tally[what], 0);
        const { pages: asked, personal, same, overlap } = compared;
        rows.push({
          day: date,
          night: result.kind,
          verdict: result.verdict?.kind ?? '',
          'lists shown': asked,
          'personal in both': personal,
          identical: `${((100 * same) / asked).toFixed(1)} %`,
          overlap: (overlap / asked).toFixed(4),
          sessions: sum('sessions'),
          'completions per session': (sum('completions') / sum('sessions')).toFixed(3),
          seconds: ((performance.now() - started) / 1000).toFixed(0),
        });
        started = performance.now();
        console.error(JSON.stringify({ ...rows.at(-1), pages }), result.verdict?.reasons?.[0] ?? '');
      },
    },
  });
  console.log(
    `seed ${seed}, ${nights} nights, ${viewers} viewers, ${films} films, ${days} days of history, a list of ${list}, k ${k}\n`,
  );
  console.log(table(rows));
}
