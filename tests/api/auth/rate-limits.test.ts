import { describe, expect, it } from 'vitest';
import { createBuckets, networkOf } from '../../../src/api/auth/rate-limits.js';
import { HttpProblem } from '../../../src/api/problem.js';
import { configSchema } from '../../../src/contracts/config.js';
import { client, type Client, film, formulaOf, KEY, NOW, problemOf, start, world } from '../world.js';

function bucketsAt(perSecond: number, burst: number, capacity?: number) {
  const time = { ms: 0 };
  return { time, buckets: createBuckets({ perSecond, burst }, () => time.ms, capacity) };
}
const refusal = (take: () => void): HttpProblem => {
  try {
    take();
  } catch (error) {
    if (error instanceof HttpProblem) return error;
  }
  throw new Error('was let through');
};

describe('a bucket', () => {
  it('lets a burst through at once, then its rate', () => {
    const { time, buckets } = bucketsAt(2, 3);
    for (let i = 0; i < 3; i++) buckets.take('a');
    expect(refusal(() => buckets.take('a'))).toMatchObject({ status: 429, headers: ['Retry-After', '1'] });
    buckets.take('b'); // callers are apart
    time.ms += 499;
    refusal(() => buckets.take('a'));
    time.ms += 1;
    buckets.take('a');
    time.ms += 60_000;
    for (let i = 0; i < 3; i++) buckets.take('a'); // no fuller than full
    refusal(() => buckets.take('a'));
  });

  it('says after how many whole seconds one more is let through', () => {
    const { time, buckets } = bucketsAt(0.1, 1);
    buckets.take('a');
    expect(refusal(() => buckets.take('a')).headers).toEqual(['Retry-After', '10']);
    time.ms += 4000;
    expect(refusal(() => buckets.take('a')).headers).toEqual(['Retry-After', '6']);
  });

  it('a clock that goes back gives nothing and takes nothing', () => {
    const { time, buckets } = bucketsAt(1, 2);
    buckets.take('a');
    time.ms -= 10_000;
    buckets.take('a');
    refusal(() => buckets.take('a'));
  });

  it('memory is bounded, and who was refused a moment ago is remembered among many strangers', () => {
    const { buckets } = bucketsAt(1, 1, 100);
    buckets.take('a');
    for (let i = 0; i < 60; i++) buckets.take(`stranger ${i}`);
    refusal(() => buckets.take('a'));
    for (let i = 0; i < 10_000; i++) buckets.take(`other ${i}`);
    expect(buckets.size()).toBeLessThanOrEqual(100);
  });
});

it('an IPv6 network counts as one caller, an IPv4 address as itself', () => {
  expect(networkOf('192.0.2.7')).toBe('192.0.2.7');
  expect(networkOf('::ffff:192.0.2.7')).toBe('192.0.2.7');
  expect(networkOf('2001:db8:1:2:3:4:5:6')).toBe('2001:db8:1:2::/64');
  expect(networkOf('2001:db8:1:2::9')).toBe('2001:db8:1:2::/64');
  expect(networkOf('2001:0db8:0001:2:ffff::')).toBe('2001:db8:1:2::/64');
  expect(networkOf('::1')).toBe('0:0:0:0::/64');
});

const formula = { releaseId: 'f1', night: '2026-05-31', lists: formulaOf([film('a', 0)]) };
const rate = { perSecond: 1, burst: 3 };
function limited(api: object = {}) {
  const w = world({ formula });
  w.deps.config = configSchema.parse({
    api: { rate: { key: rate, viewer: rate, address: rate }, ...api },
  });
  return w;
}
const until = async (ask: () => ReturnType<Client>): Promise<number[]> =>
  [await ask(), await ask(), await ask(), await ask()].map(({ status }) => status);

describe('the API', () => {
  it('limits each key, each viewer and each address by itself, and the whole world is let in again later', async () => {
    const w = limited();
    const { ask } = await start(w.deps);
    const top = (headers: Record<string, string>) => () => ask('/v1/movies/top', { headers });
    expect(await until(top({}))).toEqual([200, 200, 200, 429]);
    if (w.deps.auth === 'open') throw new Error('open');
    for (const profileId of ['anna', 'ben']) {
      const { token } = await w.deps.auth.tokens.issue({ profileId, accountId: null });
      await w.deps.auth.tokens.verify(token); // seen before: costs its address nothing
      expect(await until(top({ Authorization: `Bearer ${token}` }))).toEqual([200, 200, 200, 429]);
    }
    expect(await until(top({ Authorization: '' }))).toEqual([401, 401, 401, 429]);
    const reply = await ask('/v1/movies/top');
    problemOf(reply, 429);
    expect(reply.headers['retry-after']).toBe('1');
    w.now = new Date(NOW.getTime() + 1000);
    expect((await ask('/v1/movies/top')).status).toBe(200);
  });

  it('guessers are counted by address, whatever they guess; holders of keys beside them are not', async () => {
    const { ask } = await start(limited().deps);
    const guesses = ['mk_x', `${KEY.text.slice(0, -1)}_`, 'a.b.c', 'mk_000000000000_'];
    const statuses: number[] = [];
    for (const guess of guesses)
      statuses.push((await ask('/v1/movies/top', { headers: { Authorization: `Bearer ${guess}` } })).status);
    expect(statuses).toEqual([401, 401, 401, 429]);
    expect((await ask('/v1/movies/top')).status).toBe(200);
  });

  it('public routes are limited by address, but for what load balancers ask all the time', async () => {
    const get = await client(limited().deps);
    expect(await until(() => get('/metrics'))).toEqual([200, 200, 200, 429]);
    for (let i = 0; i < 10; i++) {
      expect((await get('/healthz')).status).toBe(200);
      expect((await get('/readyz')).status).toBe(200);
    }
  });

  it('behind trusted proxies callers are who the last of them saw; without, nobody believes the header', async () => {
    const from = (ask: Client, forwarded: string) =>
      until(() => ask('/metrics', { headers: { 'X-Forwarded-For': forwarded } }));
    const behind = await client(limited({ proxies: 1 }).deps);
    expect(await from(behind, '192.0.2.1')).toEqual([200, 200, 200, 429]);
    expect(await from(behind, '192.0.2.1, 192.0.2.2')).toEqual([200, 200, 200, 429]);
    expect(await from(behind, 'liar, 192.0.2.2')).toEqual([429, 429, 429, 429]);
    const direct = await client(limited().deps);
    expect(await from(direct, '192.0.2.1')).toEqual([200, 200, 200, 429]);
    expect(await from(direct, '192.0.2.2')).toEqual([429, 429, 429, 429]);
  });
});
