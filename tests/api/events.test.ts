import { once } from 'node:events';
import { createConnection } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eventReceiptSchema, eventSchema, type ViewerEvent } from '../../src/contracts/events.js';
import { type Ask, client, down, KEY, problemOf, type Reply, start, world } from './world.js';

const JSON_TYPE = { 'Content-Type': 'application/json' };
const id = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const rating = (n: number, more: object = {}) => ({
  eventId: id(n),
  userId: 'anna',
  movieId: 'm1',
  type: 'rating',
  ts: '2026-06-01T11:00:00Z',
  value: 8,
  ...more,
});

async function poster(w = world()) {
  const saved: ViewerEvent[][] = [];
  const { saveEvents } = w;
  w.saveEvents = (events, source) => {
    saved.push(events);
    return saveEvents(events, source);
  };
  const ask = await client(w.deps);
  const post = (body: unknown, more: Ask = {}): Promise<Reply> =>
    ask('/v1/events', {
      method: 'POST',
      headers: JSON_TYPE,
      body: typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body),
      ...more,
    });
  return { post, saved, w };
}
const receipt = (reply: Reply) => {
  expect(reply.status, reply.body).toBe(202);
  return eventReceiptSchema.strict().parse(JSON.parse(reply.body));
};

describe('a batch', () => {
  it('good events are saved in one go, in order; bad ones are named with every reason', async () => {
    const { post, saved } = await poster();
    const events = [
      rating(1),
      rating(2, { value: 0 }),
      { ...rating(3), type: 'play_heartbeat', value: undefined, fromSec: 10, toSec: 5 },
      'nonsense',
      { ...rating(4), type: 'share', surprise: 1 },
      null,
      { ...rating(5), movieId: undefined, type: 'like' },
      rating(6),
    ];
    const got = receipt(await post({ events }));
    expect(got.accepted).toBe(2);
    expect(got.rejected.map(({ index }) => index)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(got.rejected.map(({ reason }) => reason)).toEqual([
      'value: must be at least 1; got 0',
      'toSec: toSec must not be before fromSec',
      'event: must be an object; got "nonsense"',
      'surprise: is not known here',
      'event: must be an object; got null',
      'movieId: like needs movieId',
    ]);
    expect(saved).toHaveLength(1);
    expect(saved[0]?.map((e) => e.eventId)).toEqual([id(1), id(6)]);
  });

  it('half an interval of watching is refused: it would count as nothing', async () => {
    const { post } = await poster();
    const play = (n: number, type: string, more: object) => ({
      ...rating(n),
      type,
      value: undefined,
      ...more,
    });
    const events = [
      play(1, 'play_heartbeat', { toSec: 60 }),
      play(2, 'play_heartbeat', { fromSec: 0 }),
      play(3, 'play_end', { toSec: 60 }),
      play(4, 'play_end', { fromSec: 60 }),
      play(5, 'play_heartbeat', { fromSec: 0, toSec: 60 }),
      play(6, 'play_end', { fromSec: 60, toSec: 90 }),
      play(7, 'play_end', {}),
    ];
    const got = receipt(await post({ events }));
    expect(got.rejected).toEqual([
      { index: 0, reason: 'fromSec: play_heartbeat needs fromSec and toSec' },
      { index: 1, reason: 'toSec: play_heartbeat needs fromSec and toSec' },
      { index: 2, reason: 'fromSec: play_end needs fromSec and toSec, or neither' },
      { index: 3, reason: 'toSec: play_end needs fromSec and toSec, or neither' },
    ]);
    expect(got.accepted).toBe(3);
  });

  it('the same id twice in one batch is one event and one duplicate, in any case of its letters', async () => {
    const { post, saved } = await poster();
    const upper = 'ABCDEF00-0000-4000-8000-00000000000A';
    const events = [rating(1, { eventId: upper }), rating(1, { eventId: upper.toLowerCase() }), rating(2)];
    expect(receipt(await post({ events }))).toEqual({ accepted: 2, duplicates: 1, rejected: [] });
    expect(saved[0]).toHaveLength(2);
  });

  it('duplicates and strangers that the store finds are told, by index', async () => {
    const w = world({
      saveEvents: (events) =>
        Promise.resolve({ accepted: events.length - 3, duplicates: 1, unknownUsers: ['nobody'] }),
    });
    const { post } = await poster(w);
    const events = [
      rating(1),
      rating(2, { userId: 'nobody' }),
      { bad: true },
      rating(3, { userId: 'nobody' }),
      rating(4),
    ];
    expect(receipt(await post({ events }))).toEqual({
      accepted: 1,
      duplicates: 1,
      rejected: [
        { index: 1, reason: 'userId: no profile "nobody"' },
        { index: 2, reason: expect.any(String) },
        { index: 3, reason: 'userId: no profile "nobody"' },
      ],
    });
  });

  it('nothing good: nothing is saved, and the receipt says why', async () => {
    const { post, saved } = await poster(world({ saveEvents: down }));
    expect(receipt(await post({ events: [1] }))).toMatchObject({ accepted: 0, duplicates: 0 });
    expect(saved).toHaveLength(0);
  });

  it('what Postgres would choke on never reaches it: NUL, half characters, odd offsets', async () => {
    const { post, saved } = await poster();
    const events = [
      rating(1, { userId: 'a\0b' }),
      rating(2, { ts: '2026-06-01T11:00:00+23:00' }),
      rating(3, { device: 'tv\0' }),
      rating(4, { userId: '\ud800' }),
      rating(5, { device: '📺' }),
    ];
    const got = receipt(await post({ events }));
    expect(got.rejected).toEqual([
      { index: 0, reason: 'userId: must be whole Unicode characters, and none of them NUL' },
      { index: 2, reason: 'device: must be whole Unicode characters, and none of them NUL' },
      { index: 3, reason: 'userId: must be whole Unicode characters, and none of them NUL' },
    ]);
    expect(saved[0]?.map((e) => e.eventId)).toEqual([id(2), id(5)]);
    expect(saved[0]?.[0]?.ts).toBe('2026-05-31T12:00:00.000Z');
  });

  it('property: accepted + duplicates + rejected = sent, and every rejected index is a bad one', async () => {
    const { post } = await poster();
    const event = fc.oneof(
      fc.integer({ min: 0, max: 5 }).map((n) => rating(n)),
      fc.jsonValue(),
      fc.record(
        {
          eventId: fc.uuid(),
          userId: fc.string(),
          movieId: fc.string(),
          type: fc.constantFrom('like', 'x'),
          ts: fc.string(),
        },
        { requiredKeys: [] },
      ),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(event, { minLength: 1, maxLength: 20 }), async (events) => {
        const got = receipt(await post({ events }));
        expect(got.accepted + got.duplicates + got.rejected.length).toBe(events.length);
        const bad = events.flatMap((e, index) => (eventSchema.safeParse(e).success ? [] : [index]));
        expect(got.rejected.map(({ index }) => index)).toEqual(bad);
      }),
      { numRuns: 80 },
    );
  });
});

describe('refusals', () => {
  it('a body that is not a batch: 400 with the field', async () => {
    const { post } = await poster();
    const cases: [unknown, string][] = [
      [{}, 'events'],
      [[], 'body'],
      [{ events: [] }, 'events'],
      [{ events: {} }, 'events'],
      [{ events: Array.from({ length: 1001 }, () => 1) }, 'events'],
      [{ events: [1], more: 1 }, 'more'],
      ['', 'events'],
    ];
    for (const [body, field] of cases) {
      expect(problemOf(await post(body), 400)['errors'], JSON.stringify(body).slice(0, 80)).toMatchObject([
        { field },
      ]);
    }
  });

  it('malformed JSON, wrong encodings and wrong types', async () => {
    const { post, w } = await poster();
    for (const body of ['{', 'nope', '{"events":[}', '"text"', '\0']) {
      expect(problemOf(await post(body), 400)['detail']).toMatch(/JSON|must be/);
    }
    problemOf(await post('{}', { headers: { 'Content-Type': 'text/plain' } }), 415);
    problemOf(await post('{}', { headers: {} }), 415);
    problemOf(await post('{}', { headers: { 'Content-Type': 'application/json; charset=latin1' } }), 415);
    problemOf(await post('{}', { headers: { ...JSON_TYPE, 'Content-Encoding': 'zip' } }), 415);
    problemOf(await post('{}', { headers: { ...JSON_TYPE, 'Content-Encoding': 'gzip' } }), 400);
    expect(w.log.some((line) => line.includes('"err"'))).toBe(false);
  });

  it('more than 1 MB: 413', async () => {
    const { post, saved } = await poster();
    problemOf(await post({ events: [rating(1, { device: 'x'.repeat(1_100_000) })] }), 413);
    expect(saved).toHaveLength(0);
  });

  it('the store is down or slow: 503 with Retry-After, and a log line; no acknowledgement', async () => {
    const never = () => new Promise<never>(() => {});
    for (const saveEvents of [down, never]) {
      const { post, w } = await poster(world({ saveEvents, limits: { saveEventsMs: 30 } }));
      const reply = await post({ events: [rating(1)] });
      expect(problemOf(reply, 503)['detail']).toMatch(/again/);
      expect(Number(reply.headers['retry-after'])).toBeGreaterThan(0);
      expect(w.log.some((line) => line.includes('events were not stored'))).toBe(true);
      expect(reply.body).not.toMatch(/ECONNREFUSED|Error/);
    }
  });

  it('more batches than may wait are told to come back; room is free again afterwards', async () => {
    let release: () => void = () => {};
    const gate = new Promise<void>((resolve) => (release = resolve));
    const saveEvents = async () => {
      await gate;
      return { accepted: 1, duplicates: 0, unknownUsers: [] };
    };
    const { post, saved } = await poster(world({ saveEvents, limits: { batchesInHand: 2 } }));
    const waiting = [post({ events: [rating(1)] }), post({ events: [rating(2)] })];
    await expect.poll(() => saved.length).toBe(2);
    problemOf(await post({ events: [rating(3)] }), 503);
    release();
    for (const reply of await Promise.all(waiting)) receipt(reply);
    receipt(await post({ events: [rating(4)] }));
  });

  it('a caller that goes away half-way leaves no room taken', async () => {
    const w = world({ limits: { batchesInHand: 1 } });
    const { port, ask } = await start(w.deps);
    const socket = createConnection(port, '127.0.0.1');
    await once(socket, 'connect');
    socket.write(
      `POST /v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${KEY.text}\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"eve`,
    );
    await expect.poll(async () => (await ask('/v1/events', postOf([rating(1)]))).status).toBe(503);
    socket.destroy();
    await expect.poll(async () => (await ask('/v1/events', postOf([rating(1)]))).status).toBe(202);
    expect(w.log.some((line) => line.includes('"status":499') || line.includes('"status":400'))).toBe(true);
  });
});

const postOf = (events: unknown[]): Ask => ({
  method: 'POST',
  headers: JSON_TYPE,
  body: JSON.stringify({ events }),
});
