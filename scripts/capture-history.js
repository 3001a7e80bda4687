// Runs real nights on the demo and keeps their histories for the replay tests:
//   npm run build && node scripts/capture-history.js   →  tests/workflows/histories/<workflow>-<what>-sdk-<version>.json
// Changed workflow code must replay every one of them (tests/workflows/replay.test.ts). After a new SDK, or for a new way
// in which a night can end, capture again; older files stay as long as nights of that kind may still be running somewhere.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { makeHome, removeHome, withStack } from '../bench/stack.js';
import { loadDemoWhenEmpty } from '../dist/cli/demo-home.js';
import { loadSettings } from '../dist/config.js';
import { backfillDayId } from '../dist/workflows/ids.js';

const FOLDER = fileURLToPath(new URL('../tests/workflows/histories/', import.meta.url));
const SDK = JSON.parse(
  readFileSync(new URL('../node_modules/@temporalio/workflow/package.json', import.meta.url), 'utf8'),
).version;
const [DAY_1, DAY_2, DAY_3, DAY_4] = [1, 2, 3, 4].map((back) =>
  new Date(Date.now() - back * 86_400_000).toISOString().slice(0, 10),
);
const startNight = (nights, date) => nights.startNight({ date }, date);

/** A config under which a night ends in a certain way, and what to run under it; in this order, on one home. */
const SESSIONS = [
  {
    config: 'evaluate: { minViewers: 1000000 }', // nothing can be judged, and nothing personal is served yet
    runs: [
      { file: 'nightly-formula-lists', start: (nights) => startNight(nights, DAY_3), end: 'released' },
      { file: 'formula', start: (nights) => nights.startFormula() },
    ],
  },
  {
    config: '',
    runs: [
      { file: 'nightly-released', start: (nights) => startNight(nights, DAY_2), end: 'released' },
      {
        file: 'backfill-two-days',
        start: (nights) => nights.startBackfill({ from: DAY_4, to: DAY_3, publish: true }),
      },
      {
        file: 'nightly-backfill-day',
        start: (nights) => nights.client.workflow.getHandle(backfillDayId(DAY_4)),
        end: 'released',
      },
    ],
  },
  {
    config: 'evaluate: { minViewers: 1000000 }',
    runs: [{ file: 'nightly-held', start: (nights) => startNight(nights, DAY_1), end: 'held' }],
  },
  {
    config: 'checks: { volumeWarn: 2000, volumeBlock: 1000 }', // no day has a thousand times the usual events
    runs: [{ file: 'nightly-blocked', start: (nights) => startNight(nights, DAY_1), end: 'blocked' }],
  },
];

const folder = makeHome();
try {
  mkdirSync(FOLDER, { recursive: true });
  for (const { config, runs } of SESSIONS) {
    const MATINEE_CONFIG = join(folder, 'matinee.config.yaml');
    writeFileSync(MATINEE_CONFIG, config);
    await withStack(join(folder, 'home'), (running) => capture(running, runs), { MATINEE_CONFIG });
  }
} finally {
  removeHome(folder);
}

async function capture({ store, nights: connect }, runs) {
  await loadDemoWhenEmpty(loadSettings(), store, console.log);
  const nights = await connect();
  for (const { file, start, end } of runs) {
    const handle = await start(nights);
    const result = await handle.result();
    if (end !== undefined && result.kind !== end) {
      throw new Error(`${file}: expected ${end}, got ${JSON.stringify(result)}`);
    }
    const text = anonymous(historyToJSON(await handle.fetchHistory()));
    const path = join(FOLDER, `${file}-sdk-${SDK}.json`);
    writeFileSync(path, text);
    console.log(`${path}: ${JSON.parse(text).events.length} events, ${(text.length / 1024).toFixed(0)} KiB`);
  }
}

/** Who ran it is nobody's business: identities (pid@host), and the sticky queues named after them. One event a line. */
function anonymous(json) {
  const { events } = JSON.parse(json, (key, value) => {
    if (key === 'identity') return 'somebody';
    return value?.kind === 'TASK_QUEUE_KIND_STICKY' ? { ...value, name: 'somebody' } : value;
  });
  return `{"events":[\n${events.map((event) => JSON.stringify(event)).join(',\n')}\n]}\n`;
}
