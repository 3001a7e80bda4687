// Requests per second and server CPU per request of the recommendations route, with an API key, rate limit, validation,
// log line and metrics, against bare Express in the same run:
//   npm run build && node bench/api.js [seconds per burst, default 1]
// Both servers are processes of their own and up all the time; this process loads them in turn, so that whatever else
// the machine does hits both alike. CPU is what the kernel charged the server's process.
import { fork } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { keyForEverything, median } from './stack.js';

const VIEWERS = 2000;
const FILMS_PER_LIST = 50;
const CONNECTIONS = 50;
const ROUNDS = 6;
const NIGHT = '2026-01-31';
const KEY = Buffer.alloc(32, 7);

const [role, ...args] = process.argv.slice(2);
if (role === 'bare') await serveBare();
else if (role === 'matinee') await serveMatinee(args[0]);
else await compare(Number(role ?? 1));

async function compare(seconds) {
  const home = await mkdtemp(join(tmpdir(), 'matinee-bench-'));
  const servers = [];
  try {
    await writeRelease(join(home, 'warehouse'));
    for (const name of ['matinee', 'bare']) servers.push(await startChild(name, home));
    for (const server of servers) await burst(server, seconds); // V8 warms up; not counted
    const rounds = [];
    for (let round = 0; round < ROUNDS; round++) {
      const [matinee, bare] = [await burst(servers[0], seconds), await burst(servers[1], seconds)];
      rounds.push({ matinee, bare });
    }
    report(rounds);
  } finally {
    for (const { child } of servers) child.kill('SIGTERM');
    await rm(home, { recursive: true, force: true });
  }
}

function report(rounds) {
  const of = (name, what) => rounds.map((round) => round[name][what]);
  for (const name of ['matinee', 'bare']) {
    const rate = median(of(name, 'perSecond'));
    const cpu = median(of(name, 'cpuMicros'));
    console.log(
      `${name.padEnd(8)} ${rate.toFixed(0).padStart(7)} requests/s  ${cpu.toFixed(1).padStart(6)} µs CPU/request ` +
        `(best ${Math.min(...of(name, 'cpuMicros')).toFixed(1)})`,
    );
  }
  const rate = median(rounds.map(({ matinee, bare }) => matinee.perSecond / bare.perSecond));
  const cpu = median(rounds.map(({ matinee, bare }) => bare.cpuMicros / matinee.cpuMicros));
  console.log(
    `ratio    ${rate.toFixed(2)}x requests/s, ${cpu.toFixed(2)}x fewer CPU seconds (medians of ${ROUNDS} paired bursts)`,
  );
  console.log(
    `node ${process.version}, ${CONNECTIONS} connections, ${VIEWERS} viewers, limit 5 of ${FILMS_PER_LIST}`,
  );
}

/** Loads one server for `seconds`. */
async function burst({ port, child, authorization }, seconds) {
  const before = await cpuOf(child);
  const started = performance.now();
  const counts = await Promise.all(
    Array.from({ length: CONNECTIONS }, (_, i) => talk(port, authorization, started + seconds * 1000, i)),
  );
  const elapsed = (performance.now() - started) / 1000;
  const requests = counts.reduce((sum, n) => sum + n, 0);
  return { perSecond: requests / elapsed, cpuMicros: ((await cpuOf(child)) - before) / requests };
}

/** One connection, one request at a time, by hand: a client library would be slower than the server. Returns the requests made. */
function talk(port, authorization, until, seed) {
  return new Promise((resolve, reject) => {
    const socket = createConnection(port, '127.0.0.1');
    let viewer = seed;
    let done = 0;
    let pending = Buffer.alloc(0);
    const ask = () => {
      viewer = (viewer * 1103515245 + 12345) % 2147483648;
      socket.write(
        `GET /v1/users/${viewer % VIEWERS}/recommendations HTTP/1.1\r\nHost: localhost\r\n${authorization}\r\n`,
      );
    };
    socket.setNoDelay(true);
    socket.on('connect', ask);
    socket.on('error', reject);
    socket.on('data', (chunk) => {
      pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
      const end = pending.indexOf('\r\n\r\n');
      if (end === -1) return;
      const head = pending.toString('latin1', 0, end);
      if (!head.startsWith('HTTP/1.1 200')) return reject(new Error(head));
      const length = Number(/content-length: (\d+)/i.exec(head)?.[1]);
      if (pending.length < end + 4 + length) return;
      pending = Buffer.alloc(0);
      done++;
      if (performance.now() < until) return ask();
      socket.destroy();
      resolve(done);
    });
  });
}

function startChild(name, home) {
  const child = fork(fileURLToPath(import.meta.url), [name, home], { stdio: 'inherit' });
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`server ${name} ended with ${code}`)));
    child.once('message', (ready) => resolve({ child, ...ready }));
  });
}

/** Microseconds of CPU, user and system. */
function cpuOf(child) {
  return new Promise((resolve) => {
    child.once('message', resolve);
    child.send('cpu');
  });
}

function answerCpu() {
  process.on('message', () => {
    const { user, system } = process.cpuUsage();
    process.send(user + system);
  });
  process.on('SIGTERM', () => process.exit(0));
}

async function serveBare() {
  const { default: express } = await import('express');
  const app = express();
  app.get('/v1/users/:id/recommendations', (_req, res) => res.json({ hello: 'world' }));
  const server = app.listen(0, '127.0.0.1', () =>
    process.send({ port: server.address().port, authorization: '' }),
  );
  answerCpu();
}

async function serveMatinee(home) {
  const { startServer } = await import('../dist/api/server.js');
  const { loadSettings } = await import('../dist/config.js');
  const { destination } = await import('pino');
  const log = destination({ dest: join(home, 'api.log'), sync: false, minLength: 32_768, maxWrite: 65_536 });
  const { auth, headers } = await keyForEverything();
  const settings = loadSettings({ MATINEE_HOME: home });
  // Nobody may be refused here; every request is counted all the same.
  settings.config.api.rate.key = { perSecond: 1e6, burst: 1e6 };
  const { port } = await startServer(settings, {
    port: 0,
    pidKey: { version: 1, key: KEY },
    store: null,
    auth,
    log,
  });
  process.send({ port, authorization: `Authorization: ${headers.authorization}\r\n` });
  answerCpu();
}

/** A personal release of VIEWERS lists, as a night would write it. */
async function writeRelease(warehouse) {
  const { createReleaseStore } = await import('../dist/adapters/releases/release-store.js');
  const { pidOf } = await import('../dist/core/identity/pid.js');
  const releases = createReleaseStore(warehouse, { now: () => new Date() });
  const releaseId = `${NIGHT}-000000000000`;
  const filmIds = Array.from({ length: FILMS_PER_LIST }, (_, i) => String(i).padStart(5, '0'));
  const draft = await releases.begin(releaseId, filmIds);
  const items = filmIds.map((filmId, i) => ({
    filmId,
    minAge: 0,
    title: `The Long Afternoon of Film ${filmId}`,
    year: 1930 + i,
    score: 1 / (i + 1),
    reason: {
      kind: 'watched',
      text: 'Because you watched “The General” and “Metropolis”',
      movieIds: ['00001', '00002'],
    },
  }));
  const pids = Array.from({ length: VIEWERS }, (_, i) => pidOf(KEY, String(i))).sort((a, b) =>
    a < b ? -1 : 1,
  );
  for (const pid of pids) draft.put({ pid, servedBy: 'personal', maxAge: 18, market: 'default', items });
  await draft.commit({
    schema: 'release/1',
    releaseId,
    kind: 'personal',
    night: NIGHT,
    asOf: '2026-02-01T00:00:00Z',
    inputSha256: '0'.repeat(64),
    provisional: false,
    counts: {
      viewers: VIEWERS,
      personal: VIEWERS,
      formula: 0,
      none: 0,
      noneReasons: {},
      films: FILMS_PER_LIST,
    },
    model: null,
    formulaRelease: null,
    report: null,
    verdict: null,
    audit: { pairs: 0, violations: 0 },
    config: {},
    createdAt: '',
  });
  await releases.flip('default', { releaseId, expectSeq: 0, by: 'bench', reason: 'bench' });
}
