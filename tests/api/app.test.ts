import { once } from 'node:events';
import { IncomingMessage } from 'node:http';
import { createConnection } from 'node:net';
import { describe, expect, it } from 'vitest';
import { createApp } from '../../src/api/app.js';
import { createHttpServer } from '../../src/api/server.js';
import { movieListSchema, problemSchema } from '../../src/contracts/api.js';
import { configSchema } from '../../src/contracts/config.js';
import {
  client,
  film,
  formulaOf,
  item,
  personal,
  pidOfId,
  problemOf,
  send,
  served,
  start,
  world,
} from './world.js';

const films = [
  film('adult', 18, { weightedRating: 9, votes: 200 }),
  film('teen', 12, { weightedRating: 8, votes: 100 }),
  film('few', 0, { weightedRating: 7, votes: 10 }),
  film('fewer', 0, { weightedRating: 6.5, votes: 9 }),
  film('abroad', 0, { markets: ['XX'] }),
  film('never', 0, { certificates: { BBFC: ['R18'] } }),
];
const formula = (releaseId = 'f1') => ({ releaseId, night: '2026-05-31', lists: formulaOf(films) });
const lists = served('r1', [personal(pidOfId('anna'), [item('1', 0)])]);
const everything = () => world({ lists, formula: formula() });
const ROUTES = [
  '/v1/users/anna/recommendations',
  '/v1/users/stranger/recommendations',
  '/v1/movies/top',
  '/v1/movies/new',
];

describe('top and new', () => {
  it('are the formula’s order, less what the audience may not see; fewer than a tenth of m votes is no Top', async () => {
    const get = await client(everything().deps);
    const top = movieListSchema.strict().parse(JSON.parse((await get('/v1/movies/top')).body));
    expect(top.items.map((i) => [i.rank, i.movieId])).toEqual([
      [1, 'adult'],
      [2, 'teen'],
      [3, 'few'],
    ]);
    expect(top).toMatchObject({ release: 'f1', provisional: true });
    const two = movieListSchema.parse(JSON.parse((await get('/v1/movies/top?limit=2')).body));
    expect(two).toMatchObject({ provisional: false, items: [{ movieId: 'adult' }, { movieId: 'teen' }] });
    const arrivals = movieListSchema.strict().parse(JSON.parse((await get('/v1/movies/new')).body));
    expect(arrivals.items.map((i) => i.movieId)).toEqual(['adult', 'teen', 'few', 'fewer']);
  });

  it('follow the audience of the config', async () => {
    const w = everything();
    w.deps.config = configSchema.parse({ ages: { audience: 12 } });
    const get = await client(w.deps);
    for (const path of ['/v1/movies/top', '/v1/movies/new']) {
      expect((await get(path)).body).not.toContain('adult');
    }
    expect((await get('/v1/users/stranger/recommendations')).body).not.toContain('adult');
  });

  it('limit is 1..100', async () => {
    const get = await client(everything().deps);
    expect((await get('/v1/movies/top?limit=100')).status).toBe(200);
    for (const path of ['/v1/movies/top?limit=101', '/v1/movies/new?limit=0']) {
      expect(problemOf(await get(path), 400)['errors']).toMatchObject([{ field: 'limit' }]);
    }
  });

  it('nothing released: 503', async () => {
    const get = await client(world().deps);
    for (const path of ['/v1/movies/top', '/v1/movies/new', '/readyz']) problemOf(await get(path), 503);
    expect((await get('/healthz')).body).toBe('{"status":"ok"}');
  });
});

describe('every list', () => {
  it.each(ROUTES)('%s: ETag, 304, HEAD', async (path) => {
    const w = everything();
    const get = await client(w.deps);
    const reply = await get(path);
    const etag = reply.headers.etag ?? '';
    expect(etag).toMatch(/^"[\x21\x23-\x7e]+"$/);
    expect(reply.headers['cache-control']).toMatch(path.includes('users') ? /^private/ : /^public/);
    for (const given of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const fresh = await get(path, { headers: { 'If-None-Match': given } });
      expect([fresh.status, fresh.body, fresh.headers.etag], given).toEqual([304, '', etag]);
    }
    expect((await get(path, { headers: { 'If-None-Match': '"other"' } })).status).toBe(200);
    const head = await get(path, { method: 'HEAD' });
    expect([head.status, head.body]).toEqual([200, '']);
    expect(head.headers['content-length']).toBe(String(Buffer.byteLength(reply.body)));
    expect(head.headers.etag).toBe(etag);
  });

  it.each(ROUTES)('%s: another release, another tag', async (path) => {
    const w = everything();
    const get = await client(w.deps);
    const { etag = '' } = (await get(path)).headers;
    w.lists = served('r2', [personal(pidOfId('anna'), [item('2', 0)])]);
    w.formula = formula('f2');
    const reply = await get(path, { headers: { 'If-None-Match': etag } });
    expect(reply.status).toBe(200);
    expect(reply.body).toMatch(/"release":"[rf]2"/);
  });
});

describe('the app', () => {
  it('unknown routes and wrong methods are problems; OPTIONS is answered', async () => {
    const get = await client(everything().deps);
    for (const path of [
      '/',
      '/v1',
      '/v1/users',
      '/v1/users//recommendations',
      '/v1/users/a/b/recommendations',
      '/..',
      '//',
    ]) {
      problemSchema.strict().parse(problemOf(await get(path), 404));
    }
    for (const path of [...ROUTES, '/healthz', '/readyz', '/metrics']) {
      for (const method of ['POST', 'PUT', 'DELETE', 'PATCH']) {
        const reply = await get(path, { method });
        problemSchema.strict().parse(problemOf(reply, 405));
        expect(reply.headers.allow).toBe('GET, HEAD');
      }
    }
    const events = await get('/v1/events');
    problemOf(events, 405);
    expect(events.headers.allow).toBe('POST');
    const options = await get('/v1/events', { method: 'OPTIONS' });
    expect([options.status, options.headers.allow]).toEqual([204, 'POST']);
  });

  it('every answer has a request id, the caller’s if it is a decent one, and the security headers', async () => {
    const get = await client(everything().deps);
    const ids = new Set<string>();
    for (const path of [...ROUTES, '/healthz', '/readyz', '/metrics', '/nowhere']) {
      const { headers } = await get(path);
      ids.add(String(headers['x-request-id']));
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers['content-security-policy']).toContain("default-src 'none'");
      expect(headers['x-powered-by']).toBeUndefined();
    }
    expect(ids.size).toBe(8);
    const named = async (id: string) =>
      (await get('/healthz', { headers: { 'X-Request-Id': id } })).headers['x-request-id'];
    expect(await named('abc-1.2:3')).toBe('abc-1.2:3');
    for (const bad of ['"', 'a b', 'x'.repeat(65), '{}', 'é']) expect(await named(bad)).not.toBe(bad);
  });

  it('a bug of ours is a bare 500; its stack goes to the log and nowhere else', async () => {
    const w = everything();
    w.deps.pidOf = () => {
      throw new Error('secret detail');
    };
    const reply = await (await client(w.deps))('/v1/users/anna/recommendations');
    expect(JSON.stringify(problemSchema.strict().parse(problemOf(reply, 500)))).not.toMatch(/secret|at /);
    expect(w.log.find((line) => line.includes('secret detail'))).toMatch(/at .*world|at .*test/);
  });

  it('a broken stored list is a 500 for that viewer and leaves the others alone', async () => {
    const w = everything();
    const peek = (pid: string) => (pid === pidOfId('bad') ? JSON.parse('{') : lists.peek(pid));
    w.lists = { ...lists, peek };
    const get = await client(w.deps);
    problemOf(await get('/v1/users/bad/recommendations'), 500);
    expect((await get('/v1/users/anna/recommendations')).status).toBe(200);
  });

  it('one log line per request, valid JSON, naming the route and no viewer', async () => {
    const w = everything();
    const get = await client(w.deps);
    await get('/v1/users/anna/recommendations');
    await get('/nope/"anna"');
    await get('/v1/movies/top', { method: 'HEAD' });
    await expect.poll(() => w.log.length).toBe(3);
    const lines = w.log.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.map(({ route, status, method }) => [method, route, status])).toEqual([
      ['GET', '/v1/users/:id/recommendations', 200],
      ['GET', 'unmatched', 404],
      ['HEAD', '/v1/movies/top', 200],
    ]);
    expect(w.log.join('')).not.toContain('anna');
  });

  it('metrics count durations by route and status, lists by what served them, events by outcome', async () => {
    const w = everything();
    const get = await client(w.deps);
    await get('/v1/users/anna/recommendations');
    await get('/v1/users/stranger/recommendations');
    await get('/v1/users/stranger/recommendations?limit=x');
    const events = [
      {
        eventId: '00000000-0000-4000-8000-000000000001',
        userId: 'a',
        movieId: 'm',
        type: 'like',
        ts: '2026-06-01T11:00:00Z',
      },
      5,
    ];
    await get('/v1/events', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ events }),
    });
    const text = (await get('/metrics')).body;
    for (const line of [
      'matinee_http_request_duration_seconds_count{route="/v1/users/:id/recommendations",status="200"} 2',
      'matinee_http_request_duration_seconds_count{route="/v1/users/:id/recommendations",status="400"} 1',
      'matinee_lists_served_total{served_by="personal"} 1',
      'matinee_lists_served_total{served_by="formula"} 1',
      'matinee_lists_served_total{served_by="none"} 0',
      'matinee_release_info{channel="default",release="r1",night="2026-05-31"} 1',
      'matinee_release_info{channel="formula",release="f1",night="2026-05-31"} 1',
      'matinee_events_total{outcome="accepted"} 1',
      'matinee_events_total{outcome="rejected"} 1',
    ]) {
      expect(text).toContain(line);
    }
  });

  it('requests and responses are born with Express’ prototypes, so that Express has nothing to change', async () => {
    const app = createApp(everything().deps);
    const born: boolean[] = [];
    const server = createHttpServer(app).prependListener('request', (req, res) => {
      born.push(Object.getPrototypeOf(req) === app.request, Object.getPrototypeOf(res) === app.response);
      born.push('accepts' in req, 'json' in res, req instanceof IncomingMessage);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    expect((await send(port, '/v1/movies/top', {})).status).toBe(200);
    expect(born).toEqual([true, true, true, true, true]);
    await new Promise((resolve) => server.close(resolve));
  });

  it('what is not HTTP is refused as a problem, and the server goes on', async () => {
    const { port, ask } = await start(everything().deps);
    const talk = async (bytes: string) => {
      const socket = createConnection(port, '127.0.0.1');
      let text = '';
      socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
      socket.write(bytes);
      await once(socket, 'close');
      return text;
    };
    expect(await talk('GARBAGE\r\n\r\n')).toMatch(/^HTTP\/1.1 400 .*application\/problem\+json/s);
    expect(await talk(`GET / HTTP/1.1\r\nHost: x\r\nX: ${'y'.repeat(20_000)}\r\n\r\n`)).toMatch(
      /^HTTP\/1.1 431 /,
    );
    expect((await ask('/healthz')).status).toBe(200);
  });
});
