import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { createApp } from '../../src/api/app.js';
import { type ConnectionLimits, createHttpServer } from '../../src/api/server.js';
import { eventReceiptSchema, eventSchema } from '../../src/contracts/events.js';
import { client, film, formulaOf, KEY, problemOf, send, start, type World, world } from './world.js';

const JSON_TYPE = { 'Content-Type': 'application/json' };
const formula = { releaseId: 'f1', night: '2026-05-31', lists: formulaOf([film('a', 0)]) };
const id = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const like = (n: number) => ({
  eventId: id(n),
  userId: 'anna',
  movieId: 'm1',
  type: 'like',
  ts: '2026-06-01T11:00:00Z',
});

/** What each field allows of the JSON that a like may carry there; everything else is refused, and by this field's name. */
const text =
  (longest: number, shortest = 0) =>
  (value: unknown) =>
    typeof value === 'string' && value.length >= shortest && value.length <= longest;
const between = (low: number, high: number) => (value: unknown) =>
  typeof value === 'number' && value >= low && value <= high;
const whole = (low: number, high: number) => (value: unknown) =>
  between(low, high)(value) && Number.isInteger(value);
const ALLOWED: Record<string, (value: unknown) => boolean> = {
  eventId: () => false, // no value below is a UUID, a type of event or a time
  type: () => false,
  ts: () => false,
  userId: text(128, 1),
  movieId: text(128, 1),
  value: whole(1, 10),
  fromSec: between(0, 172_800),
  toSec: between(0, 172_800),
  sessionId: text(64),
  surface: text(32),
  position: whole(0, 10_000),
  listId: text(64),
  releaseId: text(64),
  dwellMs: whole(0, 86_400_000),
  viewportPct: between(0, 100),
  device: text(32),
  locale: text(16),
  appVersion: text(32),
};
const oddValue = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom(null, '', 'x'.repeat(129), -1, 0.5, 1e9, true, [], {}, '1', '2026-02-30T00:00:00Z'),
);

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});
async function listening(w: World, limits: Partial<ConnectionLimits>): Promise<number> {
  const server = createHttpServer(createApp(w.deps), limits);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** Writes bytes, waits for the other side to close (at most a second), returns what it said. */
async function raw(port: number, bytes: string | Buffer): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let text = '';
  socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
  socket.on('error', () => undefined);
  const closed = once(socket, 'close').catch(() => undefined);
  socket.write(bytes);
  await Promise.race([closed, sleep(1000)]);
  socket.destroy();
  return text;
}

describe('events', () => {
  it('every field has its odd values here', () => {
    expect(Object.keys(ALLOWED).sort()).toEqual(Object.keys(eventSchema.shape).sort());
  });

  it('10,000 malformed events among 10,000 good ones: every good one is stored once, every bad one has its reason', async () => {
    const stored: string[] = [];
    const w = world({
      saveEvents: (events) => {
        stored.push(...events.map(({ eventId }) => eventId));
        return Promise.resolve({ accepted: events.length, duplicates: 0, unknownUsers: [] });
      },
    });
    const ask = await client(w.deps);
    const cases: { event: unknown; says: RegExp }[] = fc.sample(
      fc.oneof(
        fc.jsonValue({ maxDepth: 3 }).map((event) => ({ event, says: /\w/ })),
        fc
          .tuple(fc.constantFrom(...Object.keys(ALLOWED)), oddValue)
          .filter(([field, value]) => ALLOWED[field]?.(value) === false)
          .map(([field, value]) => ({
            event: { ...like(0), [field]: value },
            says: new RegExp(`^${field}: \\w`),
          })),
        fc.string().map((key) => ({ event: { ...like(0), [`x${key}`]: 1 }, says: /\w/ })),
        fc
          .constantFrom('userId', 'movieId')
          .map((field) => ({ event: { ...like(0), [field]: 'a\0b' }, says: new RegExp(`^${field}: must`) })),
      ),
      { numRuns: 10_000, seed: 7 },
    );
    let [refused, sent] = [0, 0];
    for (let from = 0; from < 10_000; from += 500) {
      const events = cases.slice(from, from + 500).flatMap(({ event }, i) => [event, like(1 + from + i)]);
      sent += events.length;
      const reply = await ask('/v1/events', {
        method: 'POST',
        headers: JSON_TYPE,
        body: JSON.stringify({ events }),
      });
      const receipt = eventReceiptSchema.parse(JSON.parse(reply.body));
      expect(receipt.accepted).toBe(500);
      expect(receipt.rejected.map(({ index }) => index)).toEqual(
        Array.from({ length: 500 }, (_, i) => 2 * i),
      );
      for (const { index, reason } of receipt.rejected)
        expect(reason).toMatch(cases[from + index / 2]?.says ?? /^$/);
      refused += receipt.rejected.length;
    }
    expect([sent, refused]).toEqual([20_000, 10_000]);
    expect(new Set(stored).size).toBe(10_000);
    expect(stored).toHaveLength(10_000);
  });

  it('the longest body is the config’s', async () => {
    const w = world();
    w.deps.config = structuredClone(w.deps.config);
    w.deps.config.api.bodyBytes = 2000;
    const ask = await client(w.deps);
    const post = (events: unknown[]) =>
      ask('/v1/events', { method: 'POST', headers: JSON_TYPE, body: JSON.stringify({ events }) });
    expect((await post([like(1)])).status).toBe(202);
    problemOf(await post(Array.from({ length: 20 }, (_, i) => like(i))), 413);
  });

  it('bodies that are too large are refused, also when they only become so', async () => {
    const w = world();
    const ask = await client(w.deps);
    const post = (body: Buffer | string, headers: Record<string, string> = {}) =>
      ask('/v1/events', { method: 'POST', headers: { ...JSON_TYPE, ...headers }, body });
    const large = `{"events":["${'x'.repeat(1_100_000)}"]}`;
    expect(problemOf(await post(large), 413)['detail']).toContain('the limit of 1000000 bytes');
    const bomb = gzipSync(Buffer.alloc(50_000_000, ' '));
    expect(bomb.length).toBeLessThan(100_000);
    problemOf(await post(bomb, { 'Content-Encoding': 'gzip' }), 413);
    problemOf(await post(bomb.subarray(0, 100), { 'Content-Encoding': 'gzip' }), 400);
    problemOf(await post('{}', { 'Content-Encoding': 'nonsense' }), 415);
    problemOf(await post('{}', { 'Content-Type': 'application/json; charset=latin1' }), 415);
    const deep = `{"events":${'['.repeat(200_000)}${']'.repeat(200_000)}}`;
    expect((await post(deep)).status).toBe(202); // one event, and it is none
    expect((await post(JSON.stringify({ events: [like(1)] }))).status).toBe(202);
  });
});

describe('heads', () => {
  it('with more than 100 headers, or more than 16 KB of them, are refused whole', async () => {
    const { port, ask } = await start(world({ formula }).deps);
    const many = (n: number) => Object.fromEntries(Array.from({ length: n }, (_, i) => [`X-${i}`, 'y']));
    expect((await ask('/healthz', { headers: many(90) })).status).toBe(200);
    expect(problemOf(await ask('/healthz', { headers: many(110) }), 431)['detail']).toContain('100');
    expect(await raw(port, `GET / HTTP/1.1\r\nHost: x\r\nX: ${'y'.repeat(20_000)}\r\n\r\n`)).toMatch(
      /^HTTP\/1.1 431 [^]*application\/problem\+json/,
    );
    expect(await raw(port, `GET /${'y'.repeat(20_000)} HTTP/1.1\r\nHost: x\r\n\r\n`)).toMatch(
      /^HTTP\/1.1 431 /,
    );
  });

  it('with an expectation that nobody meets are refused; 100-continue is met', async () => {
    const { port } = await start(world().deps);
    const post = (expectation: string) =>
      raw(
        port,
        `POST /v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${KEY.text}\r\nContent-Type: application/json\r\n` +
          `Expect: ${expectation}\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}`,
      );
    expect(await post('a-miracle')).toMatch(/^HTTP\/1.1 417 [^]*application\/problem\+json/);
    expect(await post('100-continue')).toMatch(
      /^HTTP\/1.1 100 Continue\r\n\r\nHTTP\/1.1 400 [^]*problem\+json/,
    );
  });

  it.each([
    [
      'two lengths',
      'POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx',
    ],
    [
      'a length and chunks',
      'POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: x\r\n\r\n',
    ],
    ['a chunk that is none', 'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n'],
    ['a folded header', 'GET / HTTP/1.1\r\nHost: x\r\nX: a\r\n b\r\nContent-Length : 5\r\n\r\n'],
    ['no host', 'GET / HTTP/1.1\r\n\r\n'],
    ['another protocol', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['a TLS hello', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
    ['a NUL', 'GET /\0 HTTP/1.1\r\nHost: x\r\n\r\n'],
  ])('with %s are refused, and nothing behind them is taken for a request', async (_, bytes) => {
    const w = world({ formula });
    const { port, ask } = await start(w.deps);
    const said = await raw(port, bytes);
    expect(said).toMatch(/^HTTP\/1\.1 4\d\d /);
    expect(said).not.toMatch(/HTTP\/1\.1 [^4]/);
    expect((await ask('/healthz')).status).toBe(200);
  });

  it('property: any bytes at all leave the server as it was', { timeout: 60_000 }, async () => {
    const { port, ask } = await start(world({ formula }).deps);
    const line = fc.constantFrom(
      'GET / HTTP/1.1',
      'POST /v1/events HTTP/1.1',
      'HEAD * HTTP/1.0',
      'CONNECT a:1 HTTP/1.1',
    );
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array)),
      fc
        .tuple(line, fc.uint8Array({ maxLength: 200 }))
        .map(([head, rest]) => Buffer.concat([Buffer.from(`${head}\r\n`), rest, Buffer.from('\r\n\r\n')])),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(bytes, { minLength: 1, maxLength: 20 }), async (all) => {
        await Promise.all(
          all.map((one) => {
            const socket = connect(port, '127.0.0.1');
            socket.on('error', () => undefined).resume();
            return new Promise<void>((resolve) => socket.end(one, resolve));
          }),
        );
        expect((await ask('/healthz')).status).toBe(200);
      }),
      { numRuns: 40 },
    );
  });
});

describe('slow callers', () => {
  const limits = { headersMs: 300, requestMs: 500, sweepMs: 50 };

  it('a head or a body that trickles is told 408 and let go; everybody else is served meanwhile', async () => {
    const w = world({ formula });
    const port = await listening(w, limits);
    const trickle = async (first: string) => {
      const socket = connect(port, '127.0.0.1');
      let text = '';
      socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
      socket.on('error', () => undefined);
      socket.write(first);
      const drip = setInterval(() => socket.write('x'), 20);
      await once(socket, 'close');
      clearInterval(drip);
      return text;
    };
    const heads = Array.from({ length: 100 }, () => trickle('GET / HTTP/1.1\r\nX-Slow: '));
    const bodies = Array.from({ length: 20 }, () =>
      trickle(
        `POST /v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${KEY.text}\r\n` +
          'Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{',
      ),
    );
    const started = performance.now();
    for (let i = 0; i < 20; i++) expect((await send(port, '/v1/movies/top', {})).status).toBe(200);
    for (const said of await Promise.all([...heads, ...bodies])) expect(said).toMatch(/^HTTP\/1\.1 408 /);
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  it('connections beyond the limit are closed at the door, and come in again when there is room', async () => {
    const port = await listening(world({ formula }), { connections: 3 });
    const held = Array.from({ length: 3 }, () => connect(port, '127.0.0.1'));
    await Promise.all(held.map((socket) => once(socket, 'connect')));
    await expect(send(port, '/healthz', {})).rejects.toThrow();
    for (const socket of held) socket.destroy();
    await expect.poll(async () => (await send(port, '/healthz', {}).catch(() => null))?.status).toBe(200);
  });
});

it('the guards are the server’s, not Node’s: without them the same is let through', async () => {
  const plain = createServer((_req, res) => res.end('ok'));
  servers.push(plain);
  await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve));
  const address = plain.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const headers = Object.fromEntries(Array.from({ length: 110 }, (_, i) => [`X-${i}`, 'y']));
  expect((await send(port, '/', { headers })).status).toBe(200);
});
