// Requests per second, bytes and time to first byte of the shop's pages, with the demo's catalogue:
//   npm run build && node bench/pages.js [seconds per page, default 2]
// The server is a process of its own; this one asks with 16 connections, as phones do: brotli, keep-alive. CPU is what the
// kernel charged the server's process: the one figure that other work on the machine does not move much.
import { fork } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { fileURLToPath } from 'node:url';

const CONNECTIONS = 16;
const VIEWER = 'bench';
const NIGHT = '2026-01-31';

const [role] = process.argv.slice(2);
if (role === 'serve') await serve();
else await compare(Number(role ?? 2));

async function compare(seconds) {
  const server = fork(fileURLToPath(import.meta.url), ['serve'], { stdio: 'inherit' });
  try {
    const { port, token } = await new Promise((resolve, reject) => {
      server.once('message', resolve);
      server.once('exit', (code) => reject(new Error(`the server ended with ${code}`)));
    });
    const own = { Cookie: `matinee_viewer=${token}` };
    const pages = [
      ['home', '/', {}],
      ['home, signed in', '/', own],
      ['film', '/film/casablanca-1942', {}],
      ['film, signed in', '/film/casablanca-1942', own],
      ['search', '/search?q=kurosawa', {}],
      ['Top 50', '/top', {}],
      ['home, 304', '/', { conditional: true }],
    ];
    console.log(
      'page               requests/s   CPU ms/request   bytes (br)   bytes (text)   first byte ms: median, p99',
    );
    for (const [name, path, headers] of pages) await measure(server, port, name, path, headers, seconds);
    console.log(`node ${process.version}, ${CONNECTIONS} connections`);
  } finally {
    server.kill('SIGTERM');
  }
}

async function measure(server, port, name, path, { conditional, ...headers }, seconds) {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const accept = { Accept: 'text/html', 'Accept-Encoding': 'br', ...headers };
  const first = await ask(port, path, { ...accept }, agent);
  if (first.status !== 200) throw new Error(`${path}: ${first.status}`);
  const plain = await ask(port, path, { ...accept, 'Accept-Encoding': 'identity' }, agent);
  if (conditional) accept['If-None-Match'] = first.etag;
  const until = performance.now() + seconds * 1000;
  const firstBytes = [];
  const lane = async () => {
    while (performance.now() < until) firstBytes.push((await ask(port, path, accept, agent)).firstByte);
  };
  const before = await cpuOf(server);
  const started = performance.now();
  await Promise.all(Array.from({ length: CONNECTIONS }, lane));
  const elapsed = (performance.now() - started) / 1000;
  const cpu = (await cpuOf(server)) - before;
  agent.destroy();
  firstBytes.sort((a, b) => a - b);
  const at = (share) => firstBytes[Math.floor((firstBytes.length - 1) * share)].toFixed(1);
  console.log(
    `${name.padEnd(18)} ${(firstBytes.length / elapsed).toFixed(0).padStart(10)} ${(cpu / 1000 / firstBytes.length).toFixed(2).padStart(16)} ${String(conditional ? 0 : first.bytes).padStart(12)} ` +
      `${String(plain.bytes).padStart(14)}   ${at(0.5)}, ${at(0.99)}`,
  );
}

/** Microseconds of CPU that a server's process has used. */
function cpuOf(server) {
  return new Promise((resolve) => {
    server.once('message', resolve);
    server.send('cpu');
  });
}

function ask(port, path, headers, agent) {
  return new Promise((resolve, reject) => {
    const started = performance.now();
    request({ port, host: '127.0.0.1', path, headers, agent }, (response) => {
      const firstByte = performance.now() - started;
      let bytes = 0;
      response.on('data', (chunk) => (bytes += chunk.length));
      response.on('end', () =>
        resolve({ status: response.statusCode, etag: response.headers.etag, bytes, firstByte }),
      );
    })
      .on('error', reject)
      .end();
  });
}

/** The demo's catalogue with made-up votes, one viewer with a list, and a store that answers at once. */
async function serve() {
  const { createApp } = await import('../dist/api/app.js');
  const { createHttpServer } = await import('../dist/api/server.js');
  const { readAssets } = await import('../dist/api/pages/assets.js');
  const { createViewerTokens } = await import('../dist/api/auth/viewer-tokens.js');
  const { encodeList, openList } = await import('../dist/adapters/releases/list-codec.js');
  const { configSchema } = await import('../dist/contracts/config.js');
  const { profileSchema } = await import('../dist/contracts/films.js');

  const unlimited = { perSecond: 1_000_000, burst: 1_000_000 };
  const config = configSchema.parse({ api: { rate: { viewer: unlimited, address: unlimited } } });
  const clock = { now: () => new Date() };
  const films = demoFilms();
  const order = films.map(({ filmId }) => filmId);
  const lists = {
    m: 500,
    c: 6.7,
    votes: 100_000,
    films,
    top: order,
    eligible: films.length,
    provisional: false,
    newArrivals: order.slice(0, 20),
    heldArrivals: [],
  };
  const items = films.slice(40, 90).map(({ filmId, title, year }) => ({
    filmId,
    minAge: 18,
    title,
    year,
    score: 0.5,
    reason: { kind: 'watched', text: `Because you watched ${films[0].title}`, movieIds: [films[0].filmId] },
  }));
  const list = encodeList(
    { pid: VIEWER, servedBy: 'personal', maxAge: 18, market: 'default', items },
    () => 0,
  );
  const profile = profileSchema.parse({ profileId: VIEWER, accountId: VIEWER, birthYear: 1980 });
  const none = () => Promise.resolve([]);
  const tokens = createViewerTokens({ key: Buffer.alloc(32, 1), clock, minutes: 60 });
  const served = {
    releaseId: `${NIGHT}-bbbbbbbbbbbb`,
    night: NIGHT,
    get: () => openList(list),
    peek: () => openList(list),
  };
  const formula = { releaseId: `${NIGHT}-aaaaaaaaaaaa`, night: NIGHT, lists };
  const app = createApp({
    config,
    clock,
    auth: { keys: { find: () => null, findLate: () => Promise.resolve(null) }, tokens },
    serving: { lists: () => served, formula: () => formula },
    store: {
      profile: () => Promise.resolve(profile),
      demoPeople: none,
      saveEvents: async ({ length }) => ({ accepted: length, duplicates: 0, unknownUsers: [] }),
      departuresSince: none,
      departuresOf: none,
      ratings: none,
      exclusions: none,
      exclusionChanges: () => Promise.resolve({ changes: [], readAt: new Date().toISOString() }),
      opinions: () => Promise.resolve({ liked: [], disliked: [], bookmarked: [] }),
    },
    pidOf: () => VIEWER,
    log: { write: () => {} },
    shop: { assets: readAssets(fileURLToPath(new URL('../shop', import.meta.url))), signIn: 'simulated' },
  });
  const { token } = await tokens.issue({ profileId: VIEWER, accountId: VIEWER });
  const server = createHttpServer(app);
  server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port, token }));
  process.on('message', () => {
    const { user, system } = process.cpuUsage();
    process.send(user + system);
  });
  process.on('SIGTERM', () => process.exit(0));
}

function demoFilms() {
  const folder = fileURLToPath(new URL('../demo', import.meta.url));
  return readdirSync(folder)
    .filter((name) => name.endsWith('.ndjson'))
    .sort()
    .flatMap((name) => readFileSync(`${folder}/${name}`, 'utf8').trim().split('\n'))
    .map((line, i) => {
      const { releaseYear, addedDaysAgo: _days, fame, ...film } = JSON.parse(line);
      const votes = 100 * fame + (i % 97);
      const averageRating = 6 + (i % 30) / 10;
      const weightedRating = (votes * averageRating + 500 * 6.7) / (votes + 500);
      return { ...film, year: releaseYear, addedAt: null, votes, averageRating, weightedRating };
    })
    .sort((a, b) => b.weightedRating - a.weightedRating);
}
