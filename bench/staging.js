// What bringing events into the warehouse costs, against the least that it could:
//   node bench/staging.js [--rows 500000] [--only files|postgres]
// files: CPU of extracting a CSV file (checked, pseudonyms, sorted, hashed, committed) ÷ DuckDB's own typed read_csv → Parquet
// postgres: rows/s of the COPY by watermark into a file, and of the whole extraction ÷ rows/s of the same COPY thrown away
import { createWriteStream, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { devNull, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { makeHome, matinee, removeHome, seeded, table, withStack } from './stack.js';
import { extractSources } from '../dist/activities/extract.js';
import { createArtifactStore } from '../dist/adapters/artifacts/artifact-store.js';
import { createDatasets } from '../dist/adapters/datasets/datasets.js';
import { createWarehouse } from '../dist/adapters/duckdb/warehouse.js';
import { createOperationalStore } from '../dist/adapters/postgres/operational-store.js';
import { configSchema } from '../dist/contracts/index.js';

const { values } = parseArgs({
  options: { rows: { type: 'string', default: '500000' }, only: { type: 'string' } },
});
const ROWS = Number(values.rows);
const [VIEWERS, FILMS, TIMES] = [20_000, 2_000, 5];
const clock = { now: () => new Date('2026-03-10T12:00:00Z') };
const rows = [];
const night = (runId) => ({ date: '2026-03-10', asOf: '2026-03-11T00:00:00Z', runId, warmStart: true, why: 'bench' }); // prettier-ignore
const context = { heartbeat: () => undefined, resume: undefined, signal: new AbortController().signal };

if (values.only !== 'postgres') await files();
if (values.only !== 'files') await postgres();
console.log(table(rows));

async function files() {
  const root = mkdtempSync(join(tmpdir(), 'matinee-bench-'));
  try {
    const file = join(root, 'events.csv');
    await writeEvents(file);
    const warehouse = createWarehouse({ models: 'warehouse', memoryLimit: '4GB', threads: 2 });
    const plainly = (n) =>
      warehouse.session((session) =>
        session.run(
          `COPY (FROM read_csv('${file}', header = true, auto_detect = false, delim = ',', quote = '"', columns = {
             event_id: 'UUID', user_id: 'VARCHAR', film_id: 'VARCHAR', type: 'VARCHAR', ts: 'TIMESTAMP', value: 'SMALLINT',
             from_ms: 'BIGINT', to_ms: 'BIGINT', session_id: 'VARCHAR', surface: 'VARCHAR'}))
           TO '${join(root, `plain${n}.parquet`)}' (FORMAT parquet, COMPRESSION zstd)`,
        ),
      );
    const whole = async (n) => {
      const deps = depsIn(join(root, `warehouse${n}`), warehouse, nobodysStore(), [
        { name: 'shop', format: 'csv', glob: file },
      ]);
      const result = await extractSources(deps, night(`r${n}`), context);
      if (result.extracted !== ROWS) throw new Error(`${result.extracted} rows extracted, expected ${ROWS}: ${JSON.stringify(result.quarantined)}`); // prettier-ignore
    };
    const [plain, ours] = await leastOf([plainly, whole]);
    rows.push({
      what: `a CSV file of ${ROWS.toLocaleString('en')} events: CPU s`,
      least: plain.cpu.toFixed(2),
      ours: ours.cpu.toFixed(2),
      ratio: (ours.cpu / plain.cpu).toFixed(2),
      budget: '≤ 2',
    });
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

async function postgres() {
  const home = makeHome();
  const root = mkdtempSync(join(tmpdir(), 'matinee-bench-'));
  try {
    const folder = join(root, 'csv');
    mkdirSync(folder);
    await writeRatings(join(folder, 'ratings.csv'));
    process.stdout.write(matinee(home, 'import', 'csv', folder));
    await withStack(home, async (running) => {
      const pool = new pg.Pool({ connectionString: running.databaseUrl });
      const store = createOperationalStore(running.databaseUrl, { clock });
      const warehouse = createWarehouse({ models: 'warehouse', memoryLimit: '4GB', threads: 2 });
      const copyOf = (i) => join(root, `copy${i}.csv`);
      const [{ n }] = (await pool.query('SELECT count(*)::int AS n FROM events')).rows;
      // By turns, so that what else the machine does falls on all of them alike.
      const [plain, copied, whole] = await leastOf([
        () => store.extractEvents(null, devNull),
        (i) => store.extractEvents(null, copyOf(i)),
        (i) =>
          extractSources(depsIn(join(root, `warehouse${i}`), warehouse, store, []), night(`r${i}`), context),
      ]);
      const rate = (best) => Math.round(n / best.seconds);
      const events = `${n.toLocaleString('en')} events of the store`;
      for (const [what, ours, budget] of [
        ['COPY by watermark into a file', copied, '≥ 0.6'],
        ['the whole extraction', whole, ''],
      ]) {
        rows.push({
          what: `${events}, ${what}: rows/s`,
          least: rate(plain).toLocaleString('en'),
          ours: rate(ours).toLocaleString('en'),
          ratio: (plain.seconds / ours.seconds).toFixed(2),
          budget,
        });
      }
      await store.close();
      await pool.end();
    });
  } finally {
    removeHome(home);
    rmSync(root, { recursive: true, force: true });
  }
}

/** The best of a few of each, by turns: CPU seconds of this process with DuckDB's threads, and wall seconds. */
async function leastOf(works) {
  const best = works.map(() => ({ cpu: Infinity, seconds: Infinity }));
  for (let n = 0; n < TIMES; n++) {
    for (const [i, work] of works.entries()) {
      const [cpu, began] = [process.cpuUsage(), performance.now()];
      await work(n);
      const { user, system } = process.cpuUsage(cpu);
      best[i].cpu = Math.min(best[i].cpu, (user + system) / 1e6);
      best[i].seconds = Math.min(best[i].seconds, (performance.now() - began) / 1000);
    }
  }
  return best;
}

function depsIn(root, warehouse, store, sources) {
  mkdirSync(root, { recursive: true });
  return {
    clock,
    store,
    warehouse,
    pidKey: { version: 1, key: Buffer.alloc(32, 7) },
    config: configSchema.parse({ sources }),
    artifacts: createArtifactStore(root, { codeSha256: '', configSha256: '' }, clock),
    datasets: createDatasets(root),
    feeds: { read: () => Promise.reject(new Error('no feeds here')) },
  };
}

/** The catalogue and the viewers of the file, and no events of its own. */
function nobodysStore() {
  return {
    exclusively: (_name, work) => work(),
    extractEvents: async () => ({ rows: 0, watermark: { system: 'none', xmin: '0' } }),
    extractFilms: (path) =>
      writeLines(path, 'film_id,title,release_year,genres,actors,directors,runtime_min,certificates,countries,languages,markets,added_at', FILMS, (i) => `f${i},Film ${i},1950,[],[],[],120,{},[],[],"[""*""]",`), // prettier-ignore
    extractProfiles: (path) =>
      writeLines(path, 'user_id,market,birth_year,is_kids,is_adult_declared,consent,created_at,not_interested,dont_use', VIEWERS, (i) => `u${i},default,1980,f,t,1,2026-01-01 00:00:00,,`), // prettier-ignore
  };
}

async function writeEvents(path) {
  const random = seeded(1);
  const at = (n) => new Date(Date.UTC(2026, 0, 10) + n * 5000).toISOString();
  const hex = (n) => Math.floor(n).toString(16);
  const id = (i) => `${hex(0x10000000 + i)}-0000-4000-8000-${hex(0x100000000000 + random() * 0xf00000000)}`;
  await writeLines(
    path,
    'event_id,user_id,film_id,type,ts,value,from_ms,to_ms,session_id,surface',
    ROWS,
    (i) => {
      const who = `u${Math.floor(random() * VIEWERS)},f${Math.floor(random() * FILMS)}`;
      const rated = i % 3 === 0;
      return rated
        ? `${id(i)},${who},rating,${at(i)},${1 + Math.floor(random() * 10)},,,s${i >> 3},film`
        : `${id(i)},${who},play_heartbeat,${at(i)},,${(i % 50) * 60000},${(i % 50) * 60000 + 60000},s${i >> 3},player`;
    },
  );
}

async function writeRatings(path) {
  const random = seeded(2);
  const seen = new Set();
  await writeLines(path, 'user_id,film_id,rating,timestamp', ROWS, (i) => {
    let pair;
    do pair = Math.floor(random() * VIEWERS) * FILMS + Math.floor(random() * FILMS);
    while (seen.has(pair));
    seen.add(pair);
    return `u${Math.floor(pair / FILMS)},f${pair % FILMS},${1 + (i % 10)},${1767225600 + i * 5}`;
  });
}

async function writeLines(path, header, count, lineOf) {
  const out = createWriteStream(path);
  out.write(`${header}\n`);
  for (let i = 0; i < count; i += 10_000) {
    const lines = Array.from({ length: Math.min(10_000, count - i) }, (_, n) => lineOf(i + n));
    if (!out.write(`${lines.join('\n')}\n`)) await new Promise((go) => out.once('drain', go));
  }
  await new Promise((done) => out.end(done));
  return count;
}
