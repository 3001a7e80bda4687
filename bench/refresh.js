// How long POST /v1/users/:id/refresh takes, on real input: every viewer's events out of Postgres, the half-step, the list.
//   node bench/refresh.js movielens <folder>
// Each viewer then rates one more film, and is refreshed again: what comes out must not hold that film.
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createOperationalStore } from '../dist/adapters/postgres/operational-store.js';
import { makeHome, matinee, median, removeHome, runNight, table, withApi, withStack } from './stack.js';

const [kind, folder] = process.argv.slice(2);
if (folder === undefined) {
  console.error('usage: node bench/refresh.js movielens <folder>');
  process.exit(2);
}
const VIEWERS = 300;
const AT_ONCE = 4;

const home = makeHome();
try {
  process.stdout.write(matinee(home, 'import', kind, folder));
  await withStack(home, async ({ nights, databaseUrl }) => {
    await runNight(await nights(), {});
    const store = createOperationalStore(databaseUrl);
    try {
      await withApi(home, store, measure);
    } finally {
      await store.close();
    }
  });
} finally {
  removeHome(home);
}

async function measure({ ask, list, post }) {
  const viewers = viewersOf().slice(0, VIEWERS);
  const refresh = (viewer) =>
    ask(`/v1/users/${encodeURIComponent(viewer)}/refresh?limit=5`, { method: 'POST' });
  await refresh(viewers[0]); // factors are read and laid out once
  const rows = [];
  for (const lanes of [1, AT_ONCE]) {
    const cpu = process.cpuUsage();
    const ms = await inLanes(viewers, lanes, async (viewer) => {
      const started = performance.now();
      const { status } = await refresh(viewer);
      if (status !== 200) throw new Error(`refresh of ${viewer}: ${status}`);
      return performance.now() - started;
    });
    const { user, system } = process.cpuUsage(cpu);
    rows.push({
      'at once': lanes,
      viewers: ms.length,
      'median ms': median(ms).toFixed(1),
      'p95 ms': [...ms].sort((a, b) => a - b)[Math.ceil(0.95 * ms.length) - 1].toFixed(1),
      'CPU ms each, API and caller': ((user + system) / 1000 / ms.length).toFixed(1),
    });
  }
  console.log(table(rows));

  let changed = 0;
  for (const viewer of viewers.slice(0, 50)) {
    const { body } = await list(viewer, 5);
    const [first] = body.items;
    await post([{ eventId: randomUUID(), userId: viewer, movieId: first.movieId, type: 'rating', value: 10, ts: new Date().toISOString() }]); // prettier-ignore
    const after = (await refresh(viewer)).body.items;
    if (after.some(({ movieId }) => movieId === first.movieId))
      throw new Error(`${viewer}: rated and still there`);
    if (after.some(({ reason }) => reason.movieIds.includes(first.movieId))) changed++;
  }
  console.log(
    `of 50 viewers who then rated their first film, ${changed} have a reason among five that cites it`,
  );
}

function viewersOf() {
  const text = readFileSync(join(folder, 'u.data'), 'utf8');
  return [
    ...new Set(
      text
        .trim()
        .split('\n')
        .map((line) => line.split('\t')[0]),
    ),
  ];
}

async function inLanes(viewers, lanes, work) {
  const waiting = [...viewers];
  const times = [];
  const lane = async () => {
    for (let viewer = waiting.pop(); viewer !== undefined; viewer = waiting.pop())
      times.push(await work(viewer));
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return times;
}
