import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { migrate } from '../../src/adapters/postgres/migrate.js';
import { createOperationalStore, type PostgresStore } from '../../src/adapters/postgres/operational-store.js';
import { EVENT_TYPES, eventReceiptSchema } from '../../src/contracts/events.js';
import { startTestPostgres, type TestPostgres } from '../support/postgres.js';
import {
  client,
  down,
  film,
  formulaOf,
  item,
  personal,
  pidOfId,
  problemOf,
  profile,
  served,
  world,
} from './world.js';

let postgres: TestPostgres;
let store: PostgresStore;

beforeAll(async () => {
  postgres = await startTestPostgres();
  await migrate(postgres.databaseUrl);
  store = createOperationalStore(postgres.databaseUrl);
  await store.upsertProfiles([profile('anna', { birthYear: 1980 }), profile('kim', { isKids: true })]);
});
afterAll(async () => {
  await store.close();
  await postgres.stop();
});

async function api() {
  const w = world({
    now: new Date(),
    lists: served('r1', [personal(pidOfId('anna'), [item('1', 0)])]),
    formula: {
      releaseId: 'f1',
      night: '2026-05-31',
      lists: formulaOf([film('adult', 18), film('child', 0)]),
    },
    profile: (id) => store.profile(id),
    saveEvents: (...args) => store.saveEvents(...args),
  });
  const ask = await client(w.deps);
  const post = (events: unknown[]) =>
    ask('/v1/events', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ events }),
    });
  return { w, ask, post };
}
const like = (more: object = {}) => ({
  eventId: randomUUID(),
  userId: 'anna',
  movieId: 'm1',
  type: 'like',
  ts: new Date().toISOString(),
  ...more,
});

it('events are there once they are acknowledged; sent again they are duplicates; strangers are named', async () => {
  const { post } = await api();
  const before = (await store.counts()).events;
  const events = [like(), like({ userId: 'nobody' }), like({ ts: '1999-01-01T00:00:00Z' })];
  const first = await post(events);
  expect([first.status, JSON.parse(first.body)]).toEqual([
    202,
    { accepted: 2, duplicates: 0, rejected: [{ index: 1, reason: 'userId: no profile "nobody"' }] },
  ]);
  expect((await store.counts()).events).toBe(before + 2);
  expect(JSON.parse((await post(events)).body)).toMatchObject({ accepted: 0, duplicates: 2 });
  expect((await store.counts()).events).toBe(before + 2);
});

it('property: whatever the schema lets through, Postgres takes; no batch is poisoned by one event', async () => {
  const { post } = await api();
  const unit = fc.oneof(
    fc.constantFrom('\ud800', '\0', '\u{10ffff}', '\ufffe', '"'),
    fc.string({ unit: 'binary', maxLength: 1 }),
  );
  const text = fc.array(unit, { minLength: 1, maxLength: 8 }).map((units) => units.join(''));
  const number = (max: number) =>
    fc.oneof(fc.integer({ min: 0, max }), fc.double({ min: 0, max, noNaN: true }));
  const time = fc.constantFrom(
    '0001-01-01T00:00:00Z',
    '9999-12-31T23:59:59.999999Z',
    '2026-06-01T00:00:00+23:59',
    '2026-06-01T00:00Z',
  );
  const event = fc.record(
    {
      eventId: fc.uuid({ version: 4 }),
      userId: fc.oneof(fc.constant('anna'), text),
      movieId: text,
      type: fc.constantFrom(...EVENT_TYPES),
      ts: fc.oneof(time, fc.constant(new Date().toISOString())),
      value: fc.integer({ min: 1, max: 10 }),
      fromSec: number(172_800),
      toSec: number(172_800),
      sessionId: text,
      position: fc.integer({ min: 0, max: 10_000 }),
      dwellMs: fc.integer({ min: 0, max: 86_400_000 }),
      viewportPct: number(100),
      locale: text,
    },
    { requiredKeys: ['eventId', 'userId', 'movieId', 'type', 'ts'] },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(event, { minLength: 1, maxLength: 30 }), async (events) => {
      const good = like();
      const reply = await post([...events, good]);
      expect(reply.status, reply.body).toBe(202);
      const receipt = eventReceiptSchema.parse(JSON.parse(reply.body));
      expect(receipt.accepted).toBeGreaterThanOrEqual(1);
      expect(receipt.accepted + receipt.duplicates + receipt.rejected.length).toBe(events.length + 1);
    }),
    { numRuns: 40 },
  );
});

it('new viewers are served at their own age, and everyone still when Postgres has stopped', async () => {
  const { w, ask, post } = await api();
  const kim = async () => (await ask('/v1/users/kim/recommendations')).body;
  expect(await kim()).toContain('"movieId":"child"');
  expect(await kim()).not.toContain('"movieId":"adult"');
  expect((await ask('/v1/users/a%00b/recommendations')).status).toBe(400);

  const gone = createOperationalStore('postgres://postgres@127.0.0.1:1/none');
  w.profile = (id) => gone.profile(id);
  w.saveEvents = (...args) => gone.saveEvents(...args);
  try {
    const reply = await post([like()]);
    problemOf(reply, 503);
    expect(Number(reply.headers['retry-after'])).toBeGreaterThan(0);
    expect((await ask('/v1/users/anna/recommendations')).body).toContain('"servedBy":"personal"');
    expect(await kim()).toContain('cannot be looked up');
    expect((await ask('/v1/movies/top')).status).toBe(200);
  } finally {
    await gone.close();
  }
  w.saveEvents = down;
  problemOf(await post([like()]), 503);
});
