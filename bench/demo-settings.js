// Whether a setting of ALS beats the defaults on audiences that it was not chosen on: the demo's films and kind of audience,
// drawn from other seeds. A night in a fresh home each; then `matinee tune` with that setting alone to try.
//   node bench/demo-settings.js [--seeds 2,3,4,5] [--try '{"k": 16}' …]      without --try: the setting of demo/matinee.config.yaml
// Exits 1 when a setting does not beat the defaults beyond doubt on every audience.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { readDemoFilms } from '../dist/cli/load-demo.js';
import { configSchema } from '../dist/contracts/index.js';
import { filmMinAge, profileMaxAge } from '../dist/core/age-gate/index.js';
import { demoAudience, simulateAudience } from '../dist/simulator/index.js';
import { optionsOf } from './options.js';
import { makeHome, matineeWith, removeHome, runNight, table, withStack } from './stack.js';

const { values } = optionsOf('usage: node bench/demo-settings.js [--seeds 2,3] [--try \'{"k": 16}\']', {
  seeds: { type: 'string', default: '2,3,4,5' },
  try: { type: 'string', multiple: true },
});
const { ials, ages } = configSchema.parse({});
const DEFAULTS = { k: ials.k, alpha0: ials.alpha0, lambda: ials.lambda, nu: ials.nu };
const settings = (values.try ?? [JSON.stringify(demoSetting())]).map((text) => ({
  ...DEFAULTS,
  ...JSON.parse(text),
}));

const rows = [];
for (const seed of values.seeds.split(',').map(Number)) {
  const home = makeHome();
  try {
    await withStack(home, async (running) => {
      await load(running.store, seed);
      await runNight(await running.nights(), {});
    });
    for (const setting of settings) rows.push({ seed, ...compare(home, setting) });
  } finally {
    removeHome(home);
  }
}
console.log(table(rows));
process.exitCode = rows.every(({ lower }) => Number(lower) > 0) ? 0 : 1;

function demoSetting() {
  const { ials: own } = parse(readFileSync(new URL('../demo/matinee.config.yaml', import.meta.url), 'utf8'));
  if (own === undefined)
    throw new Error('demo/matinee.config.yaml has no setting of ials: give one with --try');
  return own;
}

async function load(store, seed) {
  const until = new Date(Math.floor(Date.now() / 86_400_000) * 86_400_000);
  const films = await readDemoFilms('.', until);
  await store.upsertFilms(films.map(({ film }) => film));
  const audience = simulateAudience({
    ...demoAudience(films, until, {
      minAge: (film) => filmMinAge(film.certificates, 'default', ages),
      maxAge: (profile, year) => profileMaxAge(profile, year, ages),
    }),
    seed,
  });
  await store.upsertProfiles([...audience.profiles()]);
  for (const batch of audience.events()) await store.saveEvents(batch, 'simulator', { clock: 'given' });
}

/** One setting against the defaults, on the week that settings are chosen on; it was chosen on another audience's. */
function compare(home, { k, alpha0, lambda, nu }) {
  const file = join(home, 'setting.yaml');
  const tune = {
    budget: 1,
    k: [k],
    alpha0: [alpha0, alpha0],
    lambda: [lambda, lambda],
    nu: [nu],
    halfLife: [1],
  };
  writeFileSync(file, JSON.stringify({ tune })); // JSON is YAML
  const found = matineeWith({ MATINEE_CONFIG: file }, home, 'tune', '--json');
  // A search names the better of the two: what does not win has no difference.
  const { current, best, difference, viewers, popularity } = found;
  const isBetter = best.number === 1;
  return {
    setting: `k ${k} α₀ ${alpha0} λ ${lambda}${nu === 1 ? '' : ` ν ${nu}`}`,
    viewers,
    popularity: popularity.toFixed(4),
    defaults: current.ndcg.toFixed(4),
    'with it': isBetter ? best.ndcg.toFixed(4) : `at most ${current.ndcg.toFixed(4)}`,
    difference: isBetter ? difference.mean.toFixed(4) : 'none',
    lower: isBetter ? difference.lower.toFixed(4) : '0',
    upper: isBetter ? difference.upper.toFixed(4) : '0',
    relative: isBetter ? `${((100 * difference.mean) / current.ndcg).toFixed(1)} %` : '',
  };
}
