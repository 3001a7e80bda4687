import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeKey } from '../../../src/api/auth/api-key.js';
import type { Auth } from '../../../src/api/auth/guard.js';
import { sharedOf } from '../../../src/api/app.js';
import { apiRoutes } from '../../../src/api/routes/index.js';
import type { Route } from '../../../src/api/routes/registry.js';
import { type Scope, SCOPES } from '../../../src/contracts/access.js';
import {
  type Ask,
  authOf,
  client,
  type Client,
  down,
  film,
  formulaOf,
  item,
  KEY,
  NOW,
  personal,
  pidOfId,
  problemOf,
  profile,
  served,
  world,
} from '../world.js';

const keyOf = Object.fromEntries(
  SCOPES.map((scope) => [scope, makeKey({ label: scope, scopes: [scope] }, NOW)]),
);
const lists = served('r1', [
  personal(pidOfId('anna'), [item('of-anna', 0)]),
  personal(pidOfId('ben'), [item('of-ben', 0)]),
]);
const formula = {
  releaseId: 'f1',
  night: '2026-05-31',
  lists: formulaOf([film('adult', 18), film('teen', 12), film('child', 0)]),
};
const profiles: Record<string, ReturnType<typeof profile>> = {
  anna: profile('anna', { accountId: 'a1', birthYear: 1980 }),
  ben: profile('ben', { accountId: 'a2', birthYear: 1980 }),
  kim: profile('kim', { accountId: 'a1', isKids: true }),
};

function fixture() {
  const w = world({ lists, formula, profile: (id) => Promise.resolve(profiles[id] ?? null) });
  const auth = authOf([KEY.stored, ...Object.values(keyOf).map(({ stored }) => stored)], w.deps.clock);
  w.deps.auth = auth;
  const tokenOf = async (profileId: string) =>
    (await auth.tokens.issue({ profileId, accountId: profiles[profileId]?.accountId ?? null })).token;
  return { w, auth, tokenOf };
}
const bearer = (text: string) => ({ Authorization: text === '' ? '' : `Bearer ${text}` });
const routes: readonly Route[] = apiRoutes(sharedOf(fixture().w.deps));
const guarded = routes.filter(({ path }) => path.startsWith('/v1/'));
/** A request of the route that nothing is wrong with but, perhaps, who sends it. */
const call = (ask: Client, { method, path }: Route, id: string, headers: Record<string, string>) => {
  const at = path.replace(':id', encodeURIComponent(id)).replace(/:\w+/g, 'x');
  const body: Ask = method === 'GET' || method === 'DELETE' ? {} : { body: '{}' };
  return ask(at, { method, headers: { 'Content-Type': 'application/json', ...headers }, ...body });
};
const named = guarded.map((route) => [`${route.method} ${route.path}`, route] as const);

describe('every route under /v1', () => {
  it.each(named)('%s: nobody is let in without a key or token', async (_, route) => {
    const ask = await client(fixture().w.deps);
    const reply = await call(ask, route, 'anna', bearer(''));
    problemOf(reply, 401);
    expect(reply.headers['www-authenticate']).toBe('Bearer realm="matinee"');
  });

  it.each(named)('%s: a key opens it by its scopes, and no other key does', async (_, route) => {
    const ask = await client(fixture().w.deps);
    const access: readonly Scope[] = route.access === 'public' ? [] : route.access.scopes;
    for (const scope of SCOPES) {
      const reply = await call(ask, route, 'anna', bearer(keyOf[scope]?.text ?? ''));
      if (access.includes(scope)) expect([401, 403], scope).not.toContain(reply.status);
      else {
        problemOf(reply, 403);
        expect(reply.headers['www-authenticate']).toContain('error="insufficient_scope"');
      }
    }
  });

  it('property: a viewer’s token never opens what is somebody else’s, however the id is spelled', async () => {
    const { w, tokenOf } = fixture();
    const ask = await client(w.deps);
    const token = await tokenOf('anna');
    const mine = guarded.filter(({ path }) => path.includes(':id') && !path.startsWith('/v1/movies'));
    expect(mine.length).toBeGreaterThan(0);
    const ids = fc.oneof(
      fc.constantFrom('ben', 'kim', 'Anna', 'ANNA', ' anna', 'anna ', 'anna\0', 'anna/', './anna', 'anna%00'),
      fc.constantFrom('a2', 'a', 'A1', '%61nna', 'ａnna', 'anna\u200b', '__proto__', 'constructor', '*'),
      fc.string({ minLength: 1, maxLength: 20 }),
    );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...mine), ids, async (route, id) => {
        fc.pre(id !== 'anna' && id !== 'a1');
        const reply = await call(ask, route, id, bearer(token));
        expect([403, 404, 400], `${route.path} ${id}`).toContain(reply.status);
        expect(reply.body).not.toContain('of-ben');
      }),
      { numRuns: 200 },
    );
  });

  it('a viewer’s token opens their own list, and films at their own age', async () => {
    const { w, tokenOf } = fixture();
    const ask = await client(w.deps);
    const own = await ask('/v1/users/anna/recommendations', { headers: bearer(await tokenOf('anna')) });
    expect(own.body).toContain('of-anna');
    for (const [viewer, films] of [
      ['anna', ['adult', 'teen', 'child']],
      ['kim', ['child']], // kids of unknown age: 6
      ['stranger', ['teen', 'child']], // of unknown age: 12
    ] as const) {
      const headers = bearer(await tokenOf(viewer));
      for (const path of ['/v1/movies/top', '/v1/movies/new']) {
        const reply = await ask(path, { headers });
        const body = JSON.parse(reply.body) as { items: { movieId: string }[] };
        expect(
          body.items.map(({ movieId }) => movieId),
          `${viewer} ${path}`,
        ).toEqual(films);
        expect(reply.headers['vary']).toBe('Authorization, Cookie');
      }
    }
    w.profile = down;
    const headers = bearer(await tokenOf('ben'));
    expect((await ask('/v1/movies/top', { headers })).body).not.toContain('adult');
  });

  it('what is not there is told to who is known only', async () => {
    const ask = await client(fixture().w.deps);
    problemOf(await ask('/v1/nothing', { headers: bearer('') }), 401);
    problemOf(await ask('/v1/nothing'), 404);
  });
});

describe('a viewer’s events', () => {
  it('are taken; those of others are refused one by one', async () => {
    const { w, tokenOf } = fixture();
    const saved: string[] = [];
    const { saveEvents } = w;
    w.saveEvents = (events, source) => {
      saved.push(...events.map(({ userId }) => userId));
      return saveEvents(events, source);
    };
    const ask = await client(w.deps);
    const like = (n: number, userId: string) => ({
      eventId: `00000000-0000-4000-8000-00000000000${n}`,
      userId,
      movieId: 'm',
      type: 'like',
      ts: '2026-06-01T11:00:00Z',
    });
    const reply = await ask('/v1/events', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...bearer(await tokenOf('anna')) },
      body: JSON.stringify({ events: [like(1, 'anna'), like(2, 'ben'), like(3, 'Anna')] }),
    });
    expect(JSON.parse(reply.body)).toEqual({
      accepted: 1,
      duplicates: 0,
      rejected: [1, 2].map((index) => ({
        index,
        reason: 'userId: a viewer token posts events of its own viewer only',
      })),
    });
    expect(saved).toEqual(['anna']);
  });
});

describe('POST /v1/tokens', () => {
  const mint = (ask: Client, userId: unknown, headers: Record<string, string> = {}) =>
    ask('/v1/tokens', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...headers },
      body: JSON.stringify({ userId }),
    });

  it('gives a storefront a token of a viewer, and nobody else', async () => {
    const { w, auth, tokenOf } = fixture();
    const ask = await client(w.deps);
    const reply = await mint(ask, 'kim');
    expect(reply.status).toBe(201);
    expect(reply.headers['cache-control']).toBe('no-store');
    const { token, expiresAt } = JSON.parse(reply.body) as { token: string; expiresAt: string };
    expect(expiresAt).toBe('2026-06-01T12:30:00.000Z');
    expect(await auth.tokens.verify(token)).toMatchObject({ profileId: 'kim', accountId: 'a1' });
    problemOf(await mint(ask, 'nobody'), 404);
    problemOf(await mint(ask, 5), 400);
    problemOf(await mint(ask, 'ben', bearer(await tokenOf('anna'))), 403);
  });

  it('with the database down: a token without an account', async () => {
    const { w, auth } = fixture();
    w.profile = down;
    const { token } = JSON.parse((await mint(await client(w.deps), 'kim')).body) as { token: string };
    expect(await auth.tokens.verify(token)).toMatchObject({ profileId: 'kim', accountId: null });
  });
});

describe('credentials', () => {
  const path = '/v1/users/anna/recommendations';

  it.each([
    ['Basic YTpi', 'must be: Bearer'],
    ['Bearer', 'must be: Bearer'],
    ['Bearer a b', 'must be: Bearer'],
    ['Bearer mk_', 'not known'],
    ['bearer mk_000000000000_x', 'not known'],
    [`Bearer ${KEY.text}x`, 'not known'],
    ['Bearer a.b.c', 'is not ours'],
    [`Bearer ${'x'.repeat(5000)}`, 'is not ours'],
  ])('%s is refused and says why', async (Authorization, why) => {
    const ask = await client(fixture().w.deps);
    const reply = await ask(path, { headers: { Authorization } });
    expect(problemOf(reply, 401)['detail']).toContain(why);
    expect(reply.headers['www-authenticate']).toMatch(/^Bearer realm="matinee", error="/);
  });

  it('the scheme may be in any case', async () => {
    const ask = await client(fixture().w.deps);
    expect((await ask(path, { headers: { Authorization: `bearer ${KEY.text}` } })).status).toBe(200);
    expect((await ask(path, { headers: { Authorization: `BEARER  ${KEY.text}` } })).status).toBe(200);
  });

  it('the cookie counts for our own pages only', async () => {
    const { w, tokenOf } = fixture();
    const ask = await client(w.deps);
    const Cookie = `theme=dark; matinee_viewer=${await tokenOf('anna')}; x=1`;
    const get = async (headers: Record<string, string>) =>
      (await ask(path, { headers: { Authorization: '', Cookie, ...headers } })).status;
    expect(await get({ 'Sec-Fetch-Site': 'same-origin' })).toBe(200);
    expect(await get({ 'Sec-Fetch-Site': 'none' })).toBe(200);
    expect(await get({})).toBe(200);
    for (const site of ['cross-site', 'same-site', 'odd'])
      expect(await get({ 'Sec-Fetch-Site': site })).toBe(403);
    expect(await get({ Origin: 'http://evil.example' })).toBe(403);
    // The header goes before the cookie.
    expect(await get({ Authorization: 'Bearer a.b.c', 'Sec-Fetch-Site': 'same-origin' })).toBe(401);

    const post = async (headers: Record<string, string>) =>
      (
        await ask('/v1/events', {
          method: 'POST',
          headers: {
            Authorization: '',
            Cookie,
            'Content-Type': 'application/json',
            Host: 'shop:1',
            ...headers,
          },
          body: JSON.stringify({ events: [1] }),
        })
      ).status;
    expect(await post({ 'Sec-Fetch-Site': 'same-origin' })).toBe(202);
    expect(await post({ Origin: 'http://shop:1' })).toBe(202);
    for (const headers of [
      {},
      { 'Sec-Fetch-Site': 'none' },
      { 'Sec-Fetch-Site': 'cross-site', Origin: 'http://shop:1' },
      { Origin: 'http://shop:2' },
      { Origin: 'null' },
    ]) {
      expect(await post(headers), JSON.stringify(headers)).toBe(403);
    }
  });

  it('no key, no token and nothing of them is ever logged or answered', async () => {
    const { w, tokenOf } = fixture();
    const ask = await client(w.deps);
    const token = await tokenOf('anna');
    for (const text of [KEY.text, token, `${KEY.text.slice(0, -2)}zz`, `${token}x`]) {
      const { body } = await ask(path, { headers: bearer(text) });
      expect(body).not.toContain(text.slice(16));
    }
    await expect.poll(() => w.log.length).toBe(4);
    const callers = w.log.map((line) => (JSON.parse(line) as { by?: string }).by);
    expect(callers).toEqual([KEY.stored.keyId, 'viewer', undefined, undefined]);
    expect(w.log.join('')).not.toContain(KEY.text.slice(16, 40));
    expect(w.log.join('')).not.toContain(token.slice(20, 40));
  });
});

it('a rehearsal, which nobody else can reach, is open', async () => {
  const { w } = fixture();
  const open: Auth = 'open';
  w.deps.auth = open;
  const ask = await client(w.deps);
  expect((await ask('/v1/users/ben/recommendations', { headers: bearer('') })).status).toBe(200);
});
