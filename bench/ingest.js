// Events per second through POST /v1/events in batches of 100 over 8 connections, beside the same batches put into the
// store directly, in alternating bursts of one run; then the same load while Postgres is killed again and again for ten
// seconds: what was acknowledged must be there afterwards, once.
//   npm run build && node bench/ingest.js [seconds per burst, default 3]
// Postgres is the embedded one, with fsync; API, load and Postgres share the machine.
import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { Agent, request } from 'node:http';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { keyForEverything, makeHome, median, removeHome } from './stack.js';

const CONNECTIONS = 8;
const BATCH = 100;
const VIEWERS = 1000;
const ROUNDS = 4;
const DEAD_MS = 10_000;
const TYPES = ['like', 'play_heartbeat', 'impression', 'rating', 'detail_open'];

const [role, ...args] = process.argv.slice(2);
if (role === 'api') await serve(args[0], args[1]);
else await measure(Number(role ?? 3));

async function measure(seconds) {
  const { homePaths, openHome } = await import('../dist/embedded/home.js');
  const { startPostgres } = await import('../dist/embedded/postgres.js');
  const { migrate } = await import('../dist/adapters/postgres/migrate.js');
  const { createOperationalStore } = await import('../dist/adapters/postgres/operational-store.js');
  const { profileSchema } = await import('../dist/contracts/films.js');
  const home = makeHome();
  await openHome(home);
  const postgres = await startPostgres({ home: homePaths(home), cache: `${home}/cache`, report: () => {} });
  await migrate(postgres.url);
  const store = createOperationalStore(postgres.url, { connections: CONNECTIONS });
  const viewers = Array.from({ length: VIEWERS }, (_, i) => `viewer ${i}`);
  await store.upsertProfiles(
    viewers.map((profileId) => profileSchema.parse({ profileId, accountId: profileId })),
  );
  const api = await startApi(home, postgres.url);
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  try {
    const throughApi = async (batch) => {
      const { status, receipt } = await post(api, agent, batch);
      if (status !== 202 || receipt.accepted !== BATCH) throw new Error(JSON.stringify(receipt));
    };
    const direct = (batch) => store.saveEvents(batch, 'bench');
    await burst(1, throughApi);
    await burst(1, direct); // both are warm now; not counted
    const rounds = [];
    for (let i = 0; i < ROUNDS; i++) {
      const before = await cpuOf(api.child);
      const http = await burst(seconds, throughApi);
      const cpu = ((await cpuOf(api.child)) - before) / http.events;
      rounds.push({ http: http.perSecond, direct: (await burst(seconds, direct)).perSecond, cpu });
    }
    const of = (name) => median(rounds.map((round) => round[name]));
    console.log(
      `events/s through the API ${of('http').toFixed(0)}, into the store directly ${of('direct').toFixed(0)}: ` +
        `${median(rounds.map(({ http, direct: d }) => http / d)).toFixed(2)}x (medians of ${ROUNDS} paired bursts); ` +
        `API ${of('cpu').toFixed(1)} µs CPU per event`,
    );
    await outage({ api, agent, postgres });
  } finally {
    agent.destroy();
    api.child.kill('SIGTERM');
    await store.close();
    await postgres.stop();
    removeHome(home);
  }
}

/** The same load while Postgres dies; a batch that is refused is sent again until it is taken. */
async function outage({ api, agent, postgres }) {
  const phase = randomUUID();
  const acknowledged = new Set();
  const answers = {};
  let [isOver, longestMs, taken] = [false, 0, performance.now()];
  const lane = async () => {
    while (!isOver) {
      const batch = makeBatch(phase);
      for (;;) {
        const { status, receipt, retryAfter } = await post(api, agent, batch);
        answers[status] = (answers[status] ?? 0) + 1;
        if (status === 202) {
          const rejected = new Set(receipt.rejected.map(({ index }) => index));
          batch.forEach(({ eventId }, i) => rejected.has(i) || acknowledged.add(eventId));
          longestMs = Math.max(longestMs, performance.now() - taken);
          taken = performance.now();
          break;
        }
        if (status !== 503 || retryAfter === undefined)
          throw new Error(`${status}: ${JSON.stringify(receipt)}`);
        await sleep(Number(retryAfter) * 1000);
      }
    }
  };
  const lanes = Promise.all(Array.from({ length: CONNECTIONS }, lane));
  await sleep(3000);
  let kills = 0;
  for (const until = performance.now() + DEAD_MS; performance.now() < until; await sleep(50)) {
    try {
      process.kill(postgres.supervised.process.pid, 'SIGKILL');
      kills++;
    } catch {
      // not started again yet
    }
  }
  const firstAfter = taken;
  for (const limit = performance.now() + 60_000; taken === firstAfter && performance.now() < limit;)
    await sleep(100);
  await sleep(3000);
  isOver = true;
  await lanes;

  const { counted, stored } = await storedOf(postgres.url, acknowledged, phase);
  const lost = acknowledged.size - counted;
  console.log(
    `Postgres killed ${kills} times in ${DEAD_MS / 1000} s: longest time without an acknowledgement ` +
      `${(longestMs / 1000).toFixed(1)} s; answers ${JSON.stringify(answers)}; ` +
      `${acknowledged.size} events acknowledged, ${lost} of them lost, ${stored - counted} stored without being acknowledged`,
  );
  if (lost !== 0) process.exitCode = 1;
}

/** How many of `ids` are in the table, and how many events of this phase there are. */
async function storedOf(url, ids, phase) {
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query('CREATE TEMP TABLE acknowledged (event_id uuid)');
    const all = [...ids];
    for (let from = 0; from < all.length; from += 10_000) {
      await client.query('INSERT INTO acknowledged SELECT unnest($1::uuid[])', [
        all.slice(from, from + 10_000),
      ]);
    }
    const { rows } = await client.query(
      `SELECT (SELECT count(*) FROM acknowledged JOIN events USING (event_id))::integer AS counted,
              (SELECT count(*) FROM events WHERE session_id = $1)::integer AS stored`,
      [phase],
    );
    return rows[0];
  } finally {
    await client.end();
  }
}

async function burst(seconds, save) {
  const started = performance.now();
  const counts = await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      let batches = 0;
      for (; performance.now() < started + seconds * 1000; batches++) await save(makeBatch());
      return batches;
    }),
  );
  const events = counts.reduce((sum, n) => sum + n, 0) * BATCH;
  return { events, perSecond: events / ((performance.now() - started) / 1000) };
}

function makeBatch(sessionId = 'bench') {
  return Array.from({ length: BATCH }, (_, i) => {
    const type = TYPES[i % TYPES.length];
    return {
      eventId: randomUUID(),
      userId: `viewer ${Math.floor(Math.random() * VIEWERS)}`,
      movieId: `film ${Math.floor(Math.random() * 500)}`,
      type,
      ts: new Date().toISOString(),
      sessionId,
      ...(type === 'rating' ? { value: 1 + (i % 10) } : {}),
      ...(type === 'play_heartbeat' ? { fromSec: i, toSec: i + 30 } : {}),
    };
  });
}

function post({ port, authorization }, agent, events) {
  const body = JSON.stringify({ events });
  return new Promise((resolve, reject) => {
    const req = request({
      host: '127.0.0.1',
      port,
      path: '/v1/events',
      method: 'POST',
      agent,
      headers: {
        Authorization: authorization,
        'Content-Type': 'application/json',
        'Content-Length': Buffer.byteLength(body),
      },
    });
    req.on('error', reject);
    req.on('response', (res) => {
      let text = '';
      res.setEncoding('utf8');
      res.on('data', (chunk) => (text += chunk));
      res.on('end', () =>
        resolve({
          status: res.statusCode,
          receipt: JSON.parse(text),
          retryAfter: res.headers['retry-after'],
        }),
      );
    });
    req.end(body);
  });
}

function startApi(home, databaseUrl) {
  const child = fork(fileURLToPath(import.meta.url), ['api', home, databaseUrl], { stdio: 'inherit' });
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the API ended with ${code}`)));
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

async function serve(home, databaseUrl) {
  const { startServer } = await import('../dist/api/server.js');
  const { loadSettings } = await import('../dist/config.js');
  const { createOperationalStore } = await import('../dist/adapters/postgres/operational-store.js');
  const { auth, headers } = await keyForEverything();
  const { port } = await startServer(loadSettings({ MATINEE_HOME: home }), {
    port: 0,
    pidKey: { version: 1, key: Buffer.alloc(32, 7) },
    store: createOperationalStore(databaseUrl, { connections: CONNECTIONS }),
    auth,
    log: { write: () => undefined },
  });
  process.on('message', () => {
    const { user, system } = process.cpuUsage();
    process.send(user + system);
  });
  process.on('SIGTERM', () => process.exit(0));
  process.send({ port, authorization: headers.authorization });
}
