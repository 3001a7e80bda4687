// Imports generated folders in MovieLens layouts at the sizes of the real ones, and counts what arrived.
//   node bench/layouts.js [--only 1m|latest] [--rows 1000000]      rows default to the real size: 1,000,209 and 25,000,095
// Exits 1 when a row, a film or a viewer is missing, or one is refused that should not be.
import { createWriteStream, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { makeHome, matinee, removeHome, seeded, table, withStack } from './stack.js';

const LAYOUTS = {
  '1m': { viewers: 6040, films: 3883, rows: 1_000_209, write: writeDat },
  latest: { viewers: 162_541, films: 62_423, rows: 25_000_095, write: writeCsv },
};
const { values } = parseArgs({ options: { only: { type: 'string' }, rows: { type: 'string' } } });
const results = [];
for (const [name, layout] of Object.entries(LAYOUTS)) {
  if (values.only === undefined || values.only === name) await measure(name, layout);
}
console.log(table(results));

async function measure(name, { viewers, films, rows: real, write }) {
  const rows = Number(values.rows ?? real);
  const folder = mkdtempSync(join(tmpdir(), 'matinee-layout-'));
  const home = makeHome();
  try {
    mkdirSync(folder, { recursive: true });
    await write(folder, { viewers, films, rows });
    const began = performance.now();
    process.stdout.write(matinee(home, 'import', 'movielens', folder));
    const seconds = (performance.now() - began) / 1000;
    const counts = await withStack(home, async ({ store }) => store.counts());
    const expected = { films, profiles: Math.min(viewers, rows), events: rows };
    const isWhole = Object.entries(expected).every(([what, n]) => counts[what] === n);
    results.push({
      layout: name,
      ratings: rows.toLocaleString('en'),
      'rows/s': Math.round(rows / seconds).toLocaleString('en'),
      seconds: seconds.toFixed(0),
      arrived: isWhole ? 'all' : `${JSON.stringify(counts)}, expected ${JSON.stringify(expected)}`,
    });
    if (!isWhole) process.exitCode = 1;
  } finally {
    removeHome(home);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** MovieLens 1M: `::`, Latin-1, ages in bands. */
async function writeDat(folder, { viewers, films, rows }) {
  const latin1 = { encoding: 'latin1' };
  await lines(join(folder, 'movies.dat'), films, (i) => `${i + 1}::Café ${i}, The (${1920 + (i % 80)})::Drama|War`, latin1); // prettier-ignore
  const ages = [18, 25, 35, 45, 50, 56];
  await lines(
    join(folder, 'users.dat'),
    viewers,
    (i) => `${i + 1}::${i % 2 ? 'F' : 'M'}::${ages[i % 6]}::${i % 21}::00000`,
  );
  const pair = pairs(viewers, films);
  await lines(join(folder, 'ratings.dat'), rows, (i) => `${pair(i, '::')}::${1 + (i % 5)}::${975_000_000 + i}`); // prettier-ignore
}

/** ml-latest, 20M, 25M: CSV with headers, half stars, quoted titles. */
async function writeCsv(folder, { viewers, films, rows }) {
  await lines(join(folder, 'movies.csv'), films, (i) => `${i + 1},"Film ""${i}"", The (${1920 + (i % 80)})",Drama|War`, {}, 'movieId,title,genres'); // prettier-ignore
  const pair = pairs(viewers, films);
  await lines(join(folder, 'ratings.csv'), rows, (i) => `${pair(i, ',')},${(1 + (i % 10)) / 2},${1_500_000_000 + i}`, {}, 'userId,movieId,rating,timestamp'); // prettier-ignore
}

/** Every viewer first, then viewers at random; a viewer never rates a film twice. */
function pairs(viewers, films) {
  const random = seeded(3);
  const rated = new Uint32Array(viewers);
  return (i, gap) => {
    let viewer = i < viewers ? i : Math.floor(random() * viewers);
    while (rated[viewer] >= films) viewer = (viewer + 1) % viewers;
    const film = (viewer * 131 + rated[viewer]++) % films;
    return `${viewer + 1}${gap}${film + 1}`;
  };
}

async function lines(path, count, lineOf, options = {}, header) {
  const out = createWriteStream(path, options);
  if (header !== undefined) out.write(`${header}\n`);
  for (let i = 0; i < count; i += 20_000) {
    const text = Array.from({ length: Math.min(20_000, count - i) }, (_, n) => lineOf(i + n));
    if (!out.write(`${text.join('\n')}\n`)) await once(out, 'drain');
  }
  out.end();
  await once(out, 'finish');
}
