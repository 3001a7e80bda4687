// The servers that bench/api.js compares, each in a process of its own: `node bench/http-servers.js <role> <home> [packages]`.
//   bare      express().get(res.json) on app.listen
//   matinee   the API as `matinee api` serves it
//   stock     the same lists behind the middleware that one would install: helmet, pino-http, express-rate-limit, prom-client, zod
import { createHash, randomUUID, timingSafeEqual } from 'node:crypto';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { answerCpu } from './http-load.js';
import { keyForEverything } from './stack.js';

export const SCRIPT = fileURLToPath(import.meta.url);
export const VIEWERS = 2000;
export const FILMS_PER_LIST = 50;
/** What `stock` needs besides what the project itself depends on; installed in a folder of the caller's. */
export const STOCK_PACKAGES = ['helmet@8.3.0', 'pino-http@11.0.0', 'express-rate-limit@8.7.5'];

const NIGHT = '2026-01-31';
const RELEASE = `${NIGHT}-000000000000`;
const PID_KEY = Buffer.alloc(32, 7);
const ROUTE = '/v1/users/:id/recommendations';
const SERVE = { bare: serveBare, matinee: serveMatinee, stock: serveStock };

const [, entry, role, home, packages] = process.argv;
if (entry === SCRIPT) {
  await SERVE[role](home, packages);
  answerCpu();
}

async function serveBare() {
  const { default: express } = await import('express');
  const app = express();
  app.get(ROUTE, (_req, res) => res.json({ hello: 'world' }));
  listen(app, '');
}

async function serveMatinee(home) {
  const { startServer } = await import('../dist/api/server.js');
  const { loadSettings } = await import('../dist/config.js');
  const { bufferedLog } = await import('../dist/cli/buffered-log.js');
  const { auth, headers } = await keyForEverything();
  const settings = loadSettings({ MATINEE_HOME: home });
  // Nobody may be refused here; every request is counted all the same.
  settings.config.api.rate.key = { perSecond: 1e6, burst: 1e6 };
  const { port } = await startServer(settings, {
    port: 0,
    pidKey: { version: 1, key: PID_KEY },
    store: null,
    auth,
    log: bufferedLog(join(home, 'api.log')),
  });
  process.send({ port, headers: `Authorization: ${headers.authorization}\r\n` });
}

/** The same bytes out of the same release; what stands before the handler is from the shelf, each as its README says. */
async function serveStock(home, packages) {
  const { default: express } = await import('express');
  const { default: pino } = await import('pino');
  const { Histogram, Registry, collectDefaultMetrics } = await import('prom-client');
  const { z } = await import('zod');
  const load = createRequire(join(packages, 'package.json'));
  const { readLists } = await import('../dist/adapters/releases/list-reader.js');
  const { storedBody } = await import('../dist/api/list-body.js');
  const { textOf } = await import('../dist/api/respond.js');
  const { cachedPids } = await import('../dist/api/pids.js');

  const pidOf = cachedPids(PID_KEY);
  const lists = readLists(join(home, 'warehouse', 'releases', RELEASE), []);
  const token = `Bearer mk_${'0'.repeat(12)}_${'0'.repeat(43)}`;
  const expected = createHash('sha256').update(token).digest();
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const durations = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Duration',
    labelNames: ['method', 'route', 'status'],
    registers: [registry],
  });
  const params = z.object({ id: z.string().min(1).max(128) });
  const query = z.object({ limit: z.coerce.number().int().min(1).max(50).default(5) });

  const app = express();
  const logger = pino(pino.destination({ dest: join(home, 'stock.log'), sync: false, minLength: 8192 }));
  app.use(load('pino-http')({ logger, genReqId: () => randomUUID() }));
  app.use((req, res, next) => {
    const end = durations.startTimer();
    res.on('finish', () => end({ method: req.method, route: req.route?.path, status: res.statusCode }));
    next();
  });
  app.use(load('helmet')());
  app.use((req, res, next) => {
    const given = createHash('sha256')
      .update(req.get('authorization') ?? '')
      .digest();
    if (timingSafeEqual(given, expected)) next();
    else res.sendStatus(401);
  });
  app.use(load('express-rate-limit').rateLimit({ windowMs: 60_000, limit: 1e9, standardHeaders: true }));
  app.get(ROUTE, (req, res) => {
    const { id: userId } = params.parse(req.params);
    const { limit } = query.parse(req.query);
    const list = lists.peek(pidOf(userId));
    if (list === null) return res.sendStatus(404);
    const body = storedBody(list, { userId, release: RELEASE, maxAge: list.maxAge, limit });
    res.type('application/json').send(textOf(body));
  });
  listen(app, `Authorization: ${token}\r\n`);
}

function listen(app, headers) {
  const server = app.listen(0, '127.0.0.1', () => process.send({ port: server.address().port, headers }));
}

/** A personal release of VIEWERS lists, as a night would write it. */
export async function writeRelease(home) {
  const { createReleaseStore } = await import('../dist/adapters/releases/release-store.js');
  const { pidOf } = await import('../dist/core/identity/pid.js');
  const releases = createReleaseStore(join(home, 'warehouse'), { now: () => new Date() });
  const filmIds = Array.from({ length: FILMS_PER_LIST }, (_, i) => String(i).padStart(5, '0'));
  const draft = await releases.begin(RELEASE, filmIds);
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
  const pids = Array.from({ length: VIEWERS }, (_, i) => pidOf(PID_KEY, String(i))).sort((a, b) =>
    a < b ? -1 : 1,
  );
  for (const pid of pids) draft.put({ pid, servedBy: 'personal', maxAge: 18, market: 'default', items });
  await draft.commit({
    schema: 'release/1',
    releaseId: RELEASE,
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
  await releases.flip('default', { releaseId: RELEASE, expectSeq: 0, by: 'bench', reason: 'bench' });
}
