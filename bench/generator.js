// Events a CPU second: made alone, made with the truth about them, and written as CSV lines. CPU time, so that a busy machine
// does not matter much.
//   node bench/generator.js [--viewers 10000] [--films 10000] [--days 54] [--seed 1]
import { parseArgs } from 'node:util';
import { eventCsv } from '../dist/cli/event-rows.js';
import { audienceOf } from '../dist/cli/simulate/plan.js';
import { configSchema } from '../dist/contracts/config.js';
import { simulateAudience } from '../dist/simulator/index.js';
import { table } from './stack.js';

const { values } = parseArgs({
  options: {
    viewers: { type: 'string', default: '10000' },
    films: { type: 'string', default: '10000' },
    days: { type: 'string', default: '54' },
    seed: { type: 'string', default: '1' },
  },
});
const { ages } = configSchema.parse({});
const numbers = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, Number(value)]));
const audience = audienceOf({ ...numbers, variant: 'dot-product', from: '2026-01-05' }, ages, new Date());
let heard = 0;
const truthSink = { onExposure: () => (heard += 1), onChurnDraw: () => (heard += 1) };
const rows = [
  measure('events alone', audience, () => undefined),
  measure('with every exposure and hazard told', { ...audience, truthSink }, () => undefined),
  measure('as CSV lines', audience, (event) => eventCsv(event).length),
];
console.log(table(rows));
console.log(`\nexposures and hazards told: ${heard}`);

function measure(what, options, each) {
  const started = process.cpuUsage();
  let events = 0;
  for (const batch of simulateAudience(options).events()) {
    events += batch.length;
    for (const event of batch) each(event);
  }
  const { user, system } = process.cpuUsage(started);
  const seconds = (user + system) / 1e6;
  return {
    what,
    events,
    'CPU seconds': seconds.toFixed(1),
    'events a CPU second': Math.round(events / seconds).toLocaleString('en'),
    'peak MiB': Math.round(process.resourceUsage().maxRSS / 1024),
  };
}
