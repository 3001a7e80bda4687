// Requests per second and server CPU per request of the recommendations route, with an API key, rate limit, validation,
// log line and metrics, against bare Express in the same run; then how long lists take at a steady 200 requests a second.
// All servers are processes of their own and up all the time; this process loads them in turn, so that whatever else
// the machine does hits all alike. With `taskset` the servers have core 0, the load core 1.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { execFileSync } from 'node:child_process';
import { burst, pinLoad, startServerProcess, steady } from './http-load.js';
import { FILMS_PER_LIST, SCRIPT, STOCK_PACKAGES, VIEWERS, writeRelease } from './http-servers.js';
import { fetchNode, fetchPackages } from './nodes.js';
import { optionsOf } from './options.js';
import { median, table } from './stack.js';

const USAGE = `usage: npm run build && node bench/api.js [options]
  --seconds S     of one burst (default 1)
  --rounds N      paired bursts (default 8)
  --work FOLDER   where other Nodes and packages are installed from npm; needed by the next two
  --nodes 22,24   the servers on these Node majors, too
  --stock         beside the same lists behind helmet, pino-http, express-rate-limit, prom-client and zod on app.listen`;
const CONNECTIONS = 50;
const WARM_REQUESTS = 20_000;
/** G8: cached lists within 50 ms for 95 of 100 requests, at this many a second and core. */
const STEADY_PER_SECOND = 200;
const STEADY_SECONDS = 5;

const { values: flags } = optionsOf(USAGE, {
  seconds: { type: 'string', default: '1' },
  rounds: { type: 'string', default: '8' },
  work: { type: 'string' },
  nodes: { type: 'string', default: '' },
  stock: { type: 'boolean', default: false },
});
const majors = flags.nodes.split(',').filter(Boolean);
if ((flags.stock || majors.length > 0) && flags.work === undefined) {
  console.error(`--stock and --nodes need --work\n${USAGE}`);
  process.exit(2);
}
const work = flags.work === undefined ? undefined : resolve(flags.work);
if (flags.stock) fetchPackages(join(work, 'stock'), STOCK_PACKAGES);
const nodes = [process.execPath, ...majors.map((major) => fetchNode(work, major))];

const isPinned = pinLoad();
for (const node of nodes) await compare(node);

async function compare(node) {
  const home = await mkdtemp(join(tmpdir(), 'matinee-bench-'));
  const servers = {};
  try {
    await writeRelease(home);
    for (const role of ['matinee', 'bare', ...(flags.stock ? ['stock'] : [])])
      servers[role] = await startServerProcess(SCRIPT, [role, home, join(work ?? '', 'stock')], {
        isPinned,
        execPath: node,
      });
    const load = { seconds: Number(flags.seconds), connections: CONNECTIONS, pathOf };
    for (const server of Object.values(servers)) await warmUp(server, load);
    const rounds = [];
    for (let round = 0; round < Number(flags.rounds); round++) {
      const measured = {};
      for (const [role, server] of Object.entries(servers)) measured[role] = await burst(server, load);
      rounds.push(measured);
    }
    report(node, rounds);
    const even = { seconds: STEADY_SECONDS, connections: CONNECTIONS, perSecond: STEADY_PER_SECOND, pathOf };
    reportSteady(await steady(servers.matinee, even));
  } finally {
    for (const { child } of Object.values(servers)) child.kill('SIGTERM');
    await rm(home, { recursive: true, force: true });
  }
}

/** V8 has compiled what is hot after as many requests, however few of them a second a busy machine lets through. */
async function warmUp(server, load) {
  for (let done = 0; done < WARM_REQUESTS;) {
    const { perSecond } = await burst(server, load);
    done += perSecond * load.seconds;
  }
}

function pathOf(lane, i) {
  return `/v1/users/${(lane * 7919 + i * 104729) % VIEWERS}/recommendations`;
}

function report(node, rounds) {
  const version = execFileSync(node, ['--version'], { encoding: 'utf8' }).trim();
  console.log(
    `node ${version}, ${CONNECTIONS} connections, ${VIEWERS} viewers, limit 5 of ${FILMS_PER_LIST}, ` +
      `${isPinned ? 'servers on core 0, load on core 1' : 'servers and load wherever the system puts them'}`,
  );
  const of = (role, what) => rounds.map((round) => round[role][what]);
  const against = (role, what, ratio) =>
    median(rounds.map((round) => ratio(round.matinee[what], round[role][what]))).toFixed(2);
  console.log(
    table(
      Object.keys(rounds[0]).map((role) => ({
        server: role,
        'requests/s': median(of(role, 'perSecond')).toFixed(0),
        'CPU µs/request': median(of(role, 'cpuMicros')).toFixed(1),
        best: Math.min(...of(role, 'cpuMicros')).toFixed(1),
        'matinee: requests/s': `${against(role, 'perSecond', (ours, theirs) => ours / theirs)}x`,
        'CPU, times fewer': `${against(role, 'cpuMicros', (ours, theirs) => theirs / ours)}x`,
      })),
    ),
  );
  console.log(`medians of ${rounds.length} bursts, ratios burst by burst`);
}

function reportSteady(ms) {
  const at = (share) => ms[Math.ceil(share * ms.length) - 1].toFixed(1);
  console.log(
    `lists at ${STEADY_PER_SECOND} requests/s: median ${at(0.5)} ms, p95 ${at(0.95)} ms, p99 ${at(0.99)} ms, longest ${at(1)} ms (${ms.length} requests)\n`,
  );
}
