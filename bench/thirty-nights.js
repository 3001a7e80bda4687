// Disk use of a home over thirty nights in a row, each with its day's new ratings:
//   node bench/thirty-nights.js <MovieLens 100K folder> [nights, default 30]
// Two epochs instead of eight, and a bootstrap of 100, to be done in minutes: neither changes the size of anything.
// The ratings of all earlier days are imported first. Exits 1 when the warehouse still grows once retention (7 runs, 7
// releases) has set in.
import { cpSync, mkdirSync, readFileSync, readdirSync, lstatSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createHash } from 'node:crypto';
import { makeHome, matinee, nightReleases, removeHome, runNight, table, withStack } from './stack.js';

const [folder, count = '30'] = process.argv.slice(2);
if (folder === undefined) {
  console.error('usage: node bench/thirty-nights.js <MovieLens 100K folder> [nights]');
  process.exit(2);
}
const DAY_MS = 86_400_000;
const NIGHTS = Number(count);
/** From here on what is swept equals what is made. */
const SETTLED = 10;
/** The warehouse may grow by what thirty days of events weigh, and by no runs or releases. */
const MOST_GROWTH = 1.15;

const home = makeHome();
const rows = [];
const sizes = new Map();
try {
  const { ratings, newest } = readRatings();
  const firstDay = newest - (NIGHTS - 1) * DAY_MS;
  importBefore(firstDay, ratings);
  const config = join(home, 'logs', 'matinee.config.yaml');
  writeFileSync(config, 'ials: { epochsCold: 2, epochsWarm: 1 }\nevaluate: { bootstrap: 100 }\n');
  await withStack(
    home,
    async (running) => {
      const nights = await running.nights();
      for (let n = 1; n <= NIGHTS; n++) await oneNight(running.store, nights, n, firstDay, ratings);
    },
    { MATINEE_CONFIG: config },
  );
  console.log(table(rows));
  const growth = sizes.get(NIGHTS) / sizes.get(Math.min(SETTLED, NIGHTS));
  console.log(`\nwarehouse after night ${NIGHTS}: ${growth.toFixed(2)}x of after night ${SETTLED}`);
  process.exitCode = growth > MOST_GROWTH ? 1 : 0;
} finally {
  removeHome(home);
}

async function oneNight(store, nights, n, firstDay, ratings) {
  const day = firstDay + (n - 1) * DAY_MS;
  const date = new Date(day).toISOString().slice(0, 10);
  const events = ratings.filter(({ at }) => at >= day && at < day + DAY_MS).map(eventOf);
  if (events.length > 0) await store.saveEvents(events, 'bench', { clock: 'given' });
  const began = performance.now();
  const result = await runNight(nights, { date });
  const seconds = ((performance.now() - began) / 1000).toFixed(0);
  const warehouse = join(home, 'warehouse');
  sizes.set(n, bytesOf(warehouse));
  console.error(
    `${n} ${date} ${result.kind}, ${events.length} events, ${seconds} s, ${mib(sizes.get(n))} MiB`,
  );
  if (n !== 1 && n % 5 !== 0) return;
  rows.push({
    night: n,
    date,
    outcome: result.kind,
    'new ratings': events.length,
    ...Object.fromEntries(
      ['raw', 'events', 'runs', 'releases'].map((part) => [
        `${part} MiB`,
        mib(bytesOf(join(warehouse, part))),
      ]),
    ),
    'warehouse MiB': mib(sizes.get(n)),
    runs: readdirSync(join(warehouse, 'runs')).length,
    releases: nightReleases(home).length,
    'Postgres MiB': mib(bytesOf(join(home, 'pg'))),
    'Temporal MiB': mib(bytesOf(join(home, 'temporal'))),
    'logs MiB': mib(bytesOf(join(home, 'logs'))),
    seconds,
  });
}

function readRatings() {
  const ratings = readFileSync(join(folder, 'u.data'), 'latin1')
    .trim()
    .split('\n')
    .map((line) => line.split('\t'))
    .map(([viewer, film, rating, at]) => ({ viewer, film, rating: Number(rating), at: Number(at) * 1000 }));
  const newest = Math.floor(Math.max(...ratings.map(({ at }) => at)) / DAY_MS) * DAY_MS;
  return { ratings, newest };
}

function importBefore(firstDay, ratings) {
  const copy = join(home, 'logs', 'earlier');
  mkdirSync(copy, { recursive: true });
  for (const name of ['u.item', 'u.user', 'u.genre']) cpSync(join(folder, name), join(copy, name));
  const earlier = ratings.filter(({ at }) => at < firstDay);
  const lines = earlier.map(({ viewer, film, rating, at }) => [viewer, film, rating, at / 1000].join('\t'));
  writeFileSync(join(copy, 'u.data'), `${lines.join('\n')}\n`);
  process.stdout.write(matinee(home, 'import', 'movielens', copy));
}

function eventOf({ viewer, film, rating, at }) {
  const hex = createHash('md5').update(`${viewer} ${film} ${at}`).digest('hex');
  return {
    eventId: hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'),
    userId: viewer,
    movieId: film,
    type: 'rating',
    value: rating * 2,
    ts: new Date(at).toISOString(),
  };
}

/** Bytes on the disk of everything below, each hard-linked or sparse file as it is stored. */
function bytesOf(path) {
  const entry = lstatSync(path, { throwIfNoEntry: false });
  if (entry === undefined) return 0;
  if (!entry.isDirectory()) return entry.blocks * 512;
  return readdirSync(path).reduce((sum, name) => sum + bytesOf(join(path, name)), entry.blocks * 512);
}

function mib(bytes) {
  return (bytes / 2 ** 20).toFixed(1);
}
