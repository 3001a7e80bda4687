import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createHttpStorefront } from '../../src/cli/simulate/http-storefront.js';
import type { ViewerEvent } from '../../src/contracts/index.js';

/** Just enough of the API: what it was asked, and an answer to give. */
let server: Server;
let api = '';
/** So many connections are cut before anything is answered. */
let cut = 0;
let asked: { path: string; key: string | undefined; body: { events: ViewerEvent[] } | null }[] = [];
let answer: (path: string) => { status: number; body: unknown } = () => ({ status: 200, body: {} });
beforeAll(async () => {
  server = createServer((req, res) => {
    if (cut > 0) {
      cut -= 1;
      req.socket.destroy();
      return;
    }
    let text = '';
    req.on('data', (chunk: Buffer) => (text += chunk.toString()));
    req.on('end', () => {
      const body = text === '' ? null : (JSON.parse(text) as { events: ViewerEvent[] });
      asked.push({ path: req.url ?? '', key: req.headers.authorization, body });
      const { status, body: said } = answer(req.url ?? '');
      res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(said));
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  api = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => new Promise((done) => server.close(done)));
beforeEach(() => {
  asked = [];
  cut = 0;
});

const storefront = () =>
  createHttpStorefront({ api, listLength: 3, headers: { authorization: 'Bearer mk_test' } });
const event = (n: number): ViewerEvent => ({
  eventId: `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
  userId: 'sim-000001-1',
  movieId: 'simfilm-000001',
  type: 'like',
  ts: '2026-01-05T20:00:00.000Z',
});

test('a page is the viewer’s own list, asked for with the key, with its release', async () => {
  const reason = { kind: 'popular', text: 'Popular', movieIds: [] };
  const item = (rank: number, movieId: string) => ({
    rank,
    movieId,
    title: movieId,
    year: null,
    score: 1,
    reason,
  });
  answer = () => ({
    status: 200,
    body: {
      userId: 'a/b c',
      release: '2026-01-04-abc',
      servedBy: 'personal',
      items: [item(1, 'x'), item(2, 'y')],
    },
  });
  expect(await storefront().page('a/b c')).toEqual({
    surface: 'for-you',
    servedBy: 'personal',
    listId: 'personal-2026-01-04-abc',
    releaseId: '2026-01-04-abc',
    filmIds: ['x', 'y'],
  });
  expect(asked).toEqual([
    { path: '/v1/users/a%2Fb%20c/recommendations?limit=3', key: 'Bearer mk_test', body: null },
  ]);
});

test('events go in batches of 200, in their order, and none stays behind a flush', async () => {
  answer = () => ({ status: 202, body: { accepted: 1, duplicates: 0, rejected: [] } });
  const shop = storefront();
  const all = Array.from({ length: 450 }, (_, n) => event(n));
  for (let from = 0; from < 450; from += 30) await shop.send(all.slice(from, from + 30));
  expect(asked.map(({ body }) => body?.events.length)).toEqual([200, 200]);
  await shop.flush();
  expect(asked.flatMap(({ body }) => body?.events ?? [])).toEqual(all);
  await shop.flush();
  expect(asked).toHaveLength(3);
});

test('a refused event and an error of the API end the loop with what was said', async () => {
  answer = () => ({
    status: 202,
    body: { accepted: 0, duplicates: 0, rejected: [{ index: 1, reason: 'userId: no profile "x"' }] },
  });
  const shop = storefront();
  await shop.send([event(1), event(2)]);
  await expect(shop.flush()).rejects.toThrow(
    /refused 1 of 2 events, .*000000000002.*: userId: no profile "x"/,
  );
  answer = () => ({ status: 503, body: { detail: 'the store is down' } });
  await expect(shop.page('a')).rejects.toThrow(/recommendations\?limit=3 answered 503: .*the store is down/);
});

test('a connection that was cut is tried again, three times in all', async () => {
  answer = () => ({ status: 202, body: { accepted: 1, duplicates: 0, rejected: [] } });
  const shop = storefront();
  cut = 2;
  await shop.send([event(1)]);
  await shop.flush();
  expect(asked).toHaveLength(1);
  cut = 3;
  await shop.send([event(2)]);
  await expect(shop.flush()).rejects.toThrow('fetch failed');
});
