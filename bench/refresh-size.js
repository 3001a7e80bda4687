// How long POST /v1/users/:id/refresh takes over a catalogue of 10,000 films, with one caller and with four at once, by the
// model's dimension; and how long lists take meanwhile. Films, factors and viewers are made up; the store is memory that answers
// at once, so that this is the API's own part (bench/refresh.js has Postgres's, on MovieLens).
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { answerCpu, connect, cpuOf, pinLoad, startServerProcess, steady } from './http-load.js';
import { optionsOf } from './options.js';
import { seeded, table } from './stack.js';

const SCRIPT = fileURLToPath(import.meta.url);
const USAGE = `usage: npm run build && node bench/refresh-size.js [--films 10000] [--viewers 200] [--acts 400] [--k 64,128]`;
const NIGHT = '2026-01-31';
/** Between two refreshes of a caller while lists are measured. */
const PAUSE_MS = 200;
const T = Date.parse('2026-02-01T00:00:00Z');
const DAY_MS = 86_400_000;
const GENRES = ['Drama', 'Comedy', 'Crime', 'Romance', 'Western', 'Horror', 'Adventure', 'Music'];

const [role, ...sizes] = process.argv.slice(2);
if (role === 'serve') {
  const [films, viewers, acts, k] = sizes.map(Number);
  await serve({ films, viewers, acts, k });
} else await measureAll();

async function measureAll() {
  const { values } = optionsOf(USAGE, {
    films: { type: 'string', default: '10000' },
    viewers: { type: 'string', default: '200' },
    acts: { type: 'string', default: '400' },
    k: { type: 'string', default: '64,128' },
  });
  const isPinned = pinLoad();
  const rows = [];
  for (const k of values.k.split(',')) {
    const args = ['serve', values.films, values.viewers, values.acts, k];
    const server = await startServerProcess(SCRIPT, args, { isPinned });
    try {
      for (const lanes of [1, 4]) rows.push(await measure(server, Number(values.viewers), { k, lanes }));
    } finally {
      server.child.kill('SIGTERM');
    }
  }
  console.log(table(rows));
  console.log(`node ${process.version}, ${values.films} films, ${values.acts} acts a viewer`);
}

async function measure(server, viewers, { k, lanes }) {
  const waiting = Array.from({ length: viewers }, (_, v) => v);
  const ms = [];
  const connections = await Promise.all(
    Array.from({ length: lanes }, () => connect(server.port, server.headers)),
  );
  await connections[0].ask('/v1/users/0/refresh', 'POST'); // factors are read and laid out once
  const before = await cpuOf(server.child);
  await Promise.all(
    connections.map(async ({ ask }) => {
      for (let v = waiting.pop(); v !== undefined; v = waiting.pop()) {
        const started = performance.now();
        await ask(`/v1/users/${v}/refresh`, 'POST');
        ms.push(performance.now() - started);
      }
    }),
  );
  const cpu = ((await cpuOf(server.child)) - before) / 1000 / viewers;
  let isOver = false;
  const refreshing = Promise.all(
    connections.map(async ({ ask, close }) => {
      for (let v = 0; !isOver; v = (v + 1) % viewers) {
        await ask(`/v1/users/${v}/refresh`, 'POST');
        await sleep(PAUSE_MS);
      }
      close();
    }),
  );
  const pathOf = (_lane, i) => `/v1/users/${i % viewers}/recommendations`;
  const lists = await steady(server, { seconds: 3, connections: 20, perSecond: 200, pathOf });
  isOver = true;
  await refreshing;
  return {
    k,
    'at once': lanes,
    'median ms': at(ms, 0.5),
    'p95 ms': at(ms, 0.95),
    'CPU ms each': cpu.toFixed(1),
    'lists meanwhile, 200/s: median ms': at(lists, 0.5),
    p95: at(lists, 0.95),
  };
}

function at(ms, share) {
  return ms.toSorted((a, b) => a - b)[Math.ceil(share * ms.length) - 1].toFixed(1);
}

async function serve({ films: count, viewers, acts, k }) {
  const { createApp } = await import('../dist/api/app.js');
  const { createHttpServer } = await import('../dist/api/server.js');
  const { createViewerTokens } = await import('../dist/api/auth/viewer-tokens.js');
  const { openKeyring } = await import('../dist/api/auth/keyring.js');
  const { encodeList, openList } = await import('../dist/adapters/releases/list-codec.js');
  const { configSchema } = await import('../dist/contracts/config.js');
  const { profileSchema } = await import('../dist/contracts/films.js');
  const { keyForEverything } = await import('./stack.js');

  const clock = { now: () => new Date(T + DAY_MS / 2) };
  const { auth, headers } = await keyForEverything();
  const films = filmsOf(count);
  const filmIds = films.map(({ filmId }) => filmId);
  const lists = {
    m: 500,
    c: 6.7,
    votes: 100_000,
    films,
    top: filmIds,
    eligible: count,
    provisional: false,
    newArrivals: filmIds.slice(0, 20),
    heldArrivals: [],
  };
  const item = ({ filmId, title, year }) => ({
    filmId,
    minAge: 0,
    title,
    year,
    score: 0.5,
    reason: { kind: 'genre', text: 'Dramas', movieIds: [] },
  });
  const list = encodeList(
    { pid: '0', servedBy: 'personal', maxAge: 18, market: 'default', items: films.slice(0, 50).map(item) },
    () => 0,
  );
  const model = modelOf(filmIds, k);
  const served = {
    releaseId: `${NIGHT}-bbbbbbbbbbbb`,
    night: NIGHT,
    films: filmIds,
    get: () => openList(list),
    peek: () => openList(list),
    model: async () => model,
    behaviour: async () => ({ meanRatingMicro: 7_000_000, busiestDay: 10_000, brigades: [] }),
  };
  const formula = { releaseId: `${NIGHT}-aaaaaaaaaaaa`, night: NIGHT, lists };
  const actsOf = Array.from({ length: viewers }, (_, v) => behaviour(filmIds, acts, v));
  const none = () => Promise.resolve([]);
  const unlimited = { perSecond: 1e6, burst: 1e6 };
  const app = createApp({
    config: configSchema.parse({ api: { rate: { key: unlimited } } }),
    clock,
    auth: {
      keys: await openKeyring({ source: null, mirror: auth.mirror, clock }),
      tokens: createViewerTokens({ key: auth.tokenKey, clock, minutes: 60 }),
    },
    serving: { lists: () => served, formula: () => formula },
    store: {
      profile: async (id) => profileSchema.parse({ profileId: id, accountId: id, birthYear: 1980 }),
      acts: async (id) => actsOf[Number(id)],
      exclusions: none,
      departuresSince: none,
      departuresOf: none,
      exclusionChanges: async () => ({ changes: [], readAt: clock.now().toISOString() }),
    },
    pidOf: (id) => id,
    log: { write: () => {} },
  });
  const server = createHttpServer(app);
  server.listen(0, '127.0.0.1', () =>
    process.send({ port: server.address().port, headers: `Authorization: ${headers.authorization}\r\n` }),
  );
  answerCpu();
}

function filmsOf(count) {
  return Array.from({ length: count }, (_, i) => ({
    filmId: `f${String(i).padStart(6, '0')}`,
    title: `The Long Afternoon of Film ${i}`,
    year: 1920 + (i % 100),
    genres: [GENRES[i % 8], GENRES[(i * 3 + 1) % 8]],
    actors: [`Actor ${i % 900}`],
    directors: [`Director ${i % 400}`],
    runtimeMin: 80 + (i % 60),
    countries: ['US'],
    languages: ['English'],
    markets: ['*'],
    certificates: { MPA: [['G', 'PG', 'PG-13', 'R'][i % 4]] },
    addedAt: null,
    votes: count - i,
    averageRating: 7,
    weightedRating: 9 - i / count,
  }));
}

function modelOf(filmIds, k) {
  const random = seeded(7);
  return {
    kind: 'als',
    filmIds,
    factors: Float32Array.from({ length: filmIds.length * k }, () => (random() - 0.5) / Math.sqrt(k)),
    hyper: { k, alpha0: 0.3, lambda: 0.007, nu: 1 },
    standing: filmIds.map((_, i) => ({
      positives: 1 + filmIds.length - i,
      trendMicro: 1e6 * (1 + (i % 50)),
    })),
  };
}

/** Plays and ratings of one viewer over the last year, more of the films that everybody watches. */
function behaviour(filmIds, acts, viewer) {
  const random = seeded(1000 + viewer);
  return Array.from({ length: acts }, () => {
    const filmId = filmIds[Math.floor(filmIds.length * random() ** 2)];
    const act = { filmId, at: Math.floor(T - 365 * DAY_MS * random()) };
    return random() < 0.5
      ? { ...act, type: 'rating', value: 1 + Math.floor(10 * random()) }
      : {
          ...act,
          type: 'play_heartbeat',
          sessionId: `s${random()}`,
          fromMs: 0,
          toMs: Math.floor(4e6 * random()),
        };
  });
}
