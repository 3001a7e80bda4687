import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '../../../src/api/app.js';
import type { ApiDeps } from '../../../src/api/deps.js';
import type { OpenApiDocument, Operation, Parameter } from '../../../src/api/openapi/types.js';
import {
  type Ask,
  client,
  type Client,
  film,
  formulaOf,
  item,
  personal,
  pidOfId,
  profile,
  type Reply,
  served,
  world,
} from '../world.js';
import { type Contract, contractOf } from './contract.js';

const MODEL = {
  factors: Float32Array.of(1, 2),
  filmIds: ['city-lights-1931', 'modern-times-1936'],
  standing: [1, 2].map((positives) => ({ positives, trendMicro: 0 })),
  kind: 'als' as const,
  hyper: { k: 1, alpha0: 0.3, lambda: 0.01, nu: 1 },
};

/** A world in which everything that the document shows as an example is there. */
function full() {
  const w = world({
    lists: {
      ...served('r1', [personal(pidOfId('ada'), [item('city-lights-1931', 0)])]),
      // what a list is refreshed by
      model: () => Promise.resolve(MODEL),
      behaviour: () => Promise.resolve({ meanRatingMicro: 6_000_000, busiestDay: 100, brigades: [] }),
    },
    formula: {
      releaseId: 'f1',
      night: '2026-05-31',
      lists: formulaOf([
        film('city-lights-1931', 0, { title: 'City Lights', directors: ['Charles Chaplin'] }),
        film('modern-times-1936', 0, { title: 'Modern Times', directors: ['Charles Chaplin'] }),
      ]),
    },
    profile: (id) => Promise.resolve(profile(id, { accountId: 'household-1', birthYear: 1980 })),
  });
  const at = '2026-05-31T20:00:00.000Z';
  const bookmark = { filmId: 'city-lights-1931', at };
  Object.assign(w.deps.store, {
    profilesOf: (accountId: string) =>
      Promise.resolve(accountId === 'household-1' ? [profile('ada', { accountId })] : null),
    ratings: () => Promise.resolve([{ filmId: 'city-lights-1931', value: 9, ratedAt: at }]),
    opinions: () => Promise.resolve({ liked: [], disliked: [], bookmarked: [bookmark] }),
  } satisfies Partial<ApiDeps['store']>);
  return w;
}
const IDS: [path: string, id: string][] = [
  ['/v1/users/{id}', 'ada'],
  ['/v1/movies/{id}', 'city-lights-1931'],
];

let ask: Client;
let contract: Contract;
let document: OpenApiDocument;
beforeAll(async () => {
  document = JSON.parse((await (await client(full().deps))('/openapi.json')).body) as OpenApiDocument;
  contract = contractOf(document);
});

type Fields = Record<string, string>;
interface Request {
  path: Fields;
  query: Fields;
  body: string | undefined;
  headers: Fields;
}

function send({ path, method, operation }: Contract['operations'][number], request: Request): Promise<Reply> {
  const address = path.replace(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(request.path[name] ?? 'x'),
  );
  const query = new URLSearchParams(request.query).toString();
  const isRead = operation.requestBody === undefined;
  const more: Ask = isRead || request.body === undefined ? {} : { body: request.body };
  return ask(`${address}${query === '' ? '' : `?${query}`}`, {
    method: method.toUpperCase(),
    headers: isRead ? request.headers : { 'Content-Type': 'application/json', ...request.headers },
    ...more,
  });
}

/** The request that the document shows: its examples, and nothing that may be left out. */
function exampleRequest({ path, operation }: Contract['operations'][number]): Request {
  const known = IDS.find(([prefix]) => path.startsWith(prefix))?.[1];
  const valueOf = ({ name, example }: Parameter) =>
    (name === 'id' ? known : undefined) ?? (typeof example === 'string' ? example : 'x');
  const fields = (place: Parameter['in']) =>
    Object.fromEntries(
      (operation.parameters ?? [])
        .filter((one) => one.in === place && one.required)
        .map((one) => [one.name, valueOf(one)]),
    );
  const example = operation.requestBody?.content['application/json']?.example;
  return {
    path: fields('path'),
    query: fields('query'),
    body: example === undefined ? undefined : JSON.stringify(example),
    headers: {},
  };
}

const SEED = 20260301;
const hostileText = fc.oneof(
  fc.string({ maxLength: 40, unit: 'binary' }),
  fc.constantFrom(
    '0',
    '-1',
    '1e1',
    'null',
    '../..',
    '%',
    '%00',
    '\0',
    "' or 1=1 --",
    '<script>',
    '{"a":1}',
    '\u202e',
  ),
  fc.integer({ min: 100, max: 3000 }).map((length) => 'x'.repeat(length)),
);
/** An empty one would be another path. */
const isSegment = (text: string) => text !== '';
const places = (operation: Operation, place: Parameter['in']) =>
  (operation.parameters ?? []).filter((one) => one.in === place).map(({ name }) => name);
/** Some of these fields, with anything in them. */
const hostileFields = (names: readonly string[], text = hostileText) =>
  fc.record(Object.fromEntries(names.map((name) => [name, text])), { requiredKeys: [] });

/** Fields that are there. */
function given(fields: Record<string, string | undefined>): Fields {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

/** The body of the example with one thing in it changed, or no JSON at all. */
function hostileBody(example: string | undefined): fc.Arbitrary<string | undefined> {
  if (example === undefined) return fc.constant(undefined);
  const parsed = JSON.parse(example) as Record<string, unknown>;
  const changed = fc
    .tuple(fc.constantFrom(...Object.keys(parsed)), fc.jsonValue())
    .map(([key, value]) => JSON.stringify({ ...parsed, [key]: value }));
  const added = fc.jsonValue().map((value) => JSON.stringify({ ...parsed, surprise: value }));
  const anything = fc.jsonValue().map((value) => JSON.stringify(value));
  const garbage = fc.string({ maxLength: 50 });
  const polluted = fc.constant(`{"__proto__":{"x":1},${example.slice(1)}`);
  return fc.oneof(changed, added, anything, garbage, polluted);
}
const hostileHeaders = fc.record(
  {
    'Content-Type': fc.constantFrom('text/plain', 'application/json; charset=utf-7', 'application/xml', ''),
    'Content-Encoding': fc.constantFrom('gzip', 'br', 'nonsense'),
    'If-None-Match': fc.constantFrom('*', '"', '""', 'W/"x"', '"x", "y"', 'x'.repeat(500)),
    Accept: fc.constantFrom(
      '*/*',
      'text/html, */*;q=0.1',
      'application/*',
      'image/*',
      ';;;',
      'application/json;q=0',
    ),
    Cookie: fc.constantFrom('matinee_viewer=', 'matinee_viewer=a.b.c', '=;;=', 'x'.repeat(500)),
    Range: fc.constantFrom('bytes=0-1', 'bytes=5-2'),
    'X-Forwarded-For': fc.constantFrom('1.2.3.4', ',,,', '::', 'x'.repeat(300)),
    'X-Request-Id': fc.constantFrom('"', '{}', 'x'.repeat(100)),
    Authorization: fc.constantFrom(
      '',
      'Bearer',
      'Basic eA==',
      'Bearer mk_',
      'Bearer a.b.c',
      `Bearer ${'x'.repeat(3000)}`,
    ),
  },
  { requiredKeys: [] },
);

describe('every operation of the document', () => {
  it('answers its example as it says', async () => {
    ask = await client(full().deps);
    for (const one of contract.operations) {
      const reply = await send(one, exampleRequest(one));
      const where = `${one.operation.operationId} ${reply.status} ${reply.body.slice(0, 200)}`;
      expect(reply.status, where).toBeGreaterThanOrEqual(200);
      expect(reply.status, where).toBeLessThan(300);
      expect(contract.violations(one.operation, reply), where).toEqual([]);
    }
  });

  it(
    'property: hostile input is answered as the document says; nothing is a fault of ours',
    { timeout: 120_000 },
    async () => {
      const w = full();
      w.deps.config = structuredClone(w.deps.config);
      w.deps.config.api.rate.address = { perSecond: 1e6, burst: 1e6 };
      ask = await client(w.deps);
      const seen = new Map<number, number>();
      for (const one of contract.operations) {
        const example = exampleRequest(one);
        const hostile = fc.record({
          path: hostileFields(places(one.operation, 'path'), hostileText.filter(isSegment)),
          query: fc.oneof(
            { weight: 3, arbitrary: hostileFields(places(one.operation, 'query')) },
            { weight: 1, arbitrary: hostileFields([...places(one.operation, 'query'), '__proto__', 'x']) },
          ),
          body: fc.option(hostileBody(example.body), { nil: example.body }),
          headers: fc.option(hostileHeaders, { nil: {}, freq: 2 }),
        });
        // What is seldom drawn: a copy that the asker has, and ids that nobody has.
        const known = { path: {}, query: {}, body: example.body, headers: { 'If-None-Match': '*' } };
        const nobody = Object.fromEntries(places(one.operation, 'path').map((name) => [name, 'nobody']));
        const unknown = { path: nobody, query: {}, body: example.body, headers: {} };
        await fc.assert(
          fc.asyncProperty(hostile, async (request) => {
            const reply = await send(one, {
              path: { ...example.path, ...given(request.path) },
              query: { ...example.query, ...given(request.query) },
              body: request.body,
              headers: given(request.headers),
            });
            seen.set(reply.status, (seen.get(reply.status) ?? 0) + 1);
            expect(contract.violations(one.operation, reply), reply.body.slice(0, 300)).toEqual([]);
          }),
          { numRuns: 60, seed: SEED, examples: [[known], [unknown]] },
        );
      }
      // The input was hostile enough to meet every way of refusing.
      for (const status of [200, 304, 400, 401, 404, 406, 415])
        expect(seen.get(status), String(status)).toBeGreaterThan(0);
      expect(w.log.filter((line) => line.includes('"level":50'))).toEqual([]);
    },
  );

  it('refuses other methods with those that it has', async () => {
    ask = await client(full().deps);
    for (const [path, item_] of Object.entries(document.paths)) {
      const address = path.replace(/\{\w+\}/g, 'x');
      const allowed = Object.keys(item_).flatMap((method) =>
        method === 'get' ? ['GET', 'HEAD'] : [method.toUpperCase()],
      );
      for (const method of ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'TRACE']) {
        if (allowed.includes(method)) continue;
        const reply = await ask(address, { method });
        expect([reply.status, reply.headers.allow], `${method} ${path}`).toEqual([405, allowed.join(', ')]);
      }
    }
  });

  it('is there, and there is no other: what Express has mounted is the document and the pages', () => {
    const app = createApp(full().deps);
    const { stack } = app.router as unknown as { stack: { route?: { path: string } }[] };
    const mounted = stack.flatMap(({ route }) => (route === undefined ? [] : [route.path]));
    const told = Object.keys(document.paths).map((path) => path.replace(/\{(\w+)\}/g, ':$1'));
    expect(mounted.toSorted()).toEqual([...told, '/docs'].toSorted());
  });
});

describe('the contract notices', () => {
  it('a field, a status, a type and a header that are not in the document', async () => {
    ask = await client(full().deps);
    const [one] = contract.operations.filter(
      ({ operation }) => operation.operationId === 'getRecommendations',
    );
    if (one === undefined) throw new Error('no such operation');
    const reply = await send(one, exampleRequest(one));
    const wrong = (more: Partial<Reply>) => contract.violations(one.operation, { ...reply, ...more });
    const body = JSON.parse(reply.body) as Record<string, unknown>;
    expect(wrong({})).toEqual([]);
    expect(wrong({ body: JSON.stringify({ ...body, surprise: 1 }) })[0]).toContain('additional properties');
    expect(wrong({ body: JSON.stringify({ ...body, items: [{}] }) })[0]).toContain('required');
    expect(wrong({ status: 201 })).toEqual(['status 201 is not in the document']);
    expect(wrong({ status: 500 })).toEqual(['status 500 is not in the document']);
    expect(wrong({ headers: { ...reply.headers, 'content-type': 'text/html' } })[0]).toContain('text/html');
    expect(wrong({ headers: { 'content-type': 'application/json' } })).toEqual([
      'header X-Request-Id is missing',
    ]);
  });
});
