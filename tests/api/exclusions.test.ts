import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { recommendationsSchema } from '../../src/contracts/api.js';
import {
  client,
  type Client,
  down,
  film,
  formulaOf,
  item,
  NOW,
  personal,
  pidOfId,
  problemOf,
  profile,
  served,
  world,
} from './world.js';

const because = (text: string, ...movieIds: string[]) => ({
  reason: { kind: 'watched' as const, text, movieIds },
});
const films = ['a', 'b', 'c', 'd'].map((id) => film(id, 0));
const formula = { releaseId: 'f1', night: '2026-05-31', lists: formulaOf(films) };
const lists = served('r1', [
  personal(pidOfId('anna'), [
    item('a', 0, because('Because you watched x', 'x')),
    item('b', 0, because('Because you watched x and y', 'x', 'y')),
    item('c', 0, because('Because you like Drama')),
  ]),
]);
const anna = () => Promise.resolve(profile('anna', { birthYear: 1980 }));
const PATH = '/v1/users/anna/exclusions';
const json = { 'Content-Type': 'application/json' };
const say = (ask: Client, movieId: string, kind: string, path = PATH) =>
  ask(path, { method: 'POST', headers: json, body: JSON.stringify({ movieId, kind }) });
const take = (ask: Client, movieId: string, kind: string) =>
  ask(`${PATH}?movieId=${movieId}&kind=${kind}`, { method: 'DELETE' });
async function shown(ask: Client, id = 'anna', headers = {}) {
  const reply = await ask(`/v1/users/${id}/recommendations?limit=50`, { headers });
  const body = reply.status === 304 ? null : recommendationsSchema.parse(JSON.parse(reply.body));
  return {
    reply,
    servedBy: body?.servedBy,
    films: body?.items.map(({ movieId, rank }) => `${rank} ${movieId}`),
  };
}

it('a film that is not wanted is gone from the next request on, said twice or once, and back when it is taken back', async () => {
  const w = world({ lists, formula, profile: anna });
  const ask = await client(w.deps);
  const before = await shown(ask);
  expect(before.films).toEqual(['1 a', '2 b', '3 c']);
  expect((await say(ask, 'b', 'not_interested')).status).toBe(201);
  expect((await say(ask, 'b', 'not_interested')).status).toBe(200);
  const etag = before.reply.headers.etag ?? '';
  const after = await shown(ask, 'anna', { 'If-None-Match': etag });
  expect(after.films).toEqual(['1 a', '2 c']);
  expect((await shown(ask, 'anna', { 'If-None-Match': after.reply.headers.etag })).reply.status).toBe(304);
  expect(JSON.parse((await ask(PATH)).body)).toEqual({
    userId: 'anna',
    items: [
      { movieId: 'b', title: 'Film b', year: 1950, kind: 'not_interested', excludedAt: NOW.toISOString() },
    ],
  });
  for (let i = 0; i < 2; i++) expect((await take(ask, 'b', 'not_interested')).status).toBe(204);
  expect((await shown(ask)).films).toEqual(['1 a', '2 b', '3 c']);
  expect((await say(ask, 'b', 'not_interested')).status).toBe(201);
  expect((await shown(ask)).films).toEqual(['1 a', '2 c']);
});

it('what counts for nothing is cited nowhere: items that are there because of it go', async () => {
  const w = world({
    lists,
    formula: { ...formula, lists: formulaOf([...films, film('x', 0), film('y', 0)]) },
  });
  w.profile = anna;
  const ask = await client(w.deps);
  await say(ask, 'y', 'dont_use');
  expect((await shown(ask)).films).toEqual(['1 a', '2 c']);
  await say(ask, 'x', 'dont_use');
  expect((await shown(ask)).films).toEqual(['1 c']);
  await say(ask, 'c', 'dont_use');
  const rest = await shown(ask);
  expect([rest.servedBy, rest.films]).toEqual(['formula', ['1 a', '2 b', '3 d']]);
});

it('another process heeds it within a minute, and does not ask the database at every request', async () => {
  const w = world({ lists, formula, profile: anna });
  const [here, there] = [await client(w.deps), await client(w.deps)];
  expect((await shown(there)).films).toHaveLength(3);
  await say(here, 'a', 'not_interested');
  w.now = new Date(NOW.getTime() + 46_000);
  expect((await shown(there)).films).toEqual(['1 b', '2 c']);
  await take(here, 'a', 'not_interested');
  w.now = new Date(NOW.getTime() + 92_000);
  expect((await shown(there)).films).toEqual(['1 a', '2 b', '3 c']);
  const asked = w.store.calls.length;
  for (let i = 0; i < 20; i++) await shown(there);
  expect(w.store.calls.length).toBe(asked);
});

it('reads what was said since the day of the served night, all of it again when an earlier night is served', async () => {
  const w = world({ lists, formula, profile: anna });
  const ask = await client(w.deps);
  await shown(ask);
  expect(w.store.calls).toEqual(['changes since 2026-05-31T00:00:00.000Z']);
  await say(ask, 'a', 'not_interested');
  w.lists = { ...lists, releaseId: 'r0', night: '2026-05-20' };
  w.now = new Date(NOW.getTime() + 46_000);
  expect((await shown(ask)).films).toEqual(['1 b', '2 c']);
  expect(w.store.calls.at(-1)).toBe('changes since 2026-05-20T00:00:00.000Z');
});

it('pages that no night has made leave out all that the viewer ever excluded', async () => {
  const w = world({ formula, profile: () => Promise.resolve(profile('new', { birthYear: 1980 })) });
  const ask = await client(w.deps);
  await w.store.exclude('new', 'a', 'not_interested');
  await w.store.exclude('new', 'c', 'dont_use');
  expect((await shown(ask, 'new')).films).toEqual(['1 b', '2 d']);
});

it('with the database down lists are served, what is known is heeded, and a wish is refused, not lost silently', async () => {
  const w = world({ lists, formula, profile: anna });
  const ask = await client(w.deps);
  await say(ask, 'a', 'not_interested');
  Object.assign(w.deps.store, {
    exclusionChanges: down,
    exclude: down,
    undoExclusion: down,
    exclusions: down,
  });
  w.now = new Date(NOW.getTime() + 120_000);
  expect((await shown(ask)).films).toEqual(['1 b', '2 c']);
  expect((await shown(ask)).films).toEqual(['1 b', '2 c']);
  for (const refused of [
    await say(ask, 'b', 'dont_use'),
    await take(ask, 'a', 'not_interested'),
    await ask(PATH),
  ]) {
    problemOf(refused, 503);
    expect(refused.headers['retry-after']).toBe('2');
  }
});

it('what was said while the database was being read is not taken back by the older answer', async () => {
  const w = world({ lists, formula, profile: anna });
  let answer: () => void = () => {};
  const { exclusionChanges } = w.deps.store;
  w.deps.store.exclusionChanges = (since) =>
    new Promise((resolve) => {
      const old = exclusionChanges(since);
      answer = () => resolve(old);
    });
  const ask = await client(w.deps);
  const waiting = shown(ask);
  await say(ask, 'a', 'not_interested');
  answer();
  expect((await waiting).films).toEqual(['1 b', '2 c']);
});

it('strangers, unknown films and films above the age are told so, each in the same words', async () => {
  const kid = () => Promise.resolve(profile('mia', { birthYear: 2019 }));
  const w = world({ formula: { ...formula, lists: formulaOf([...films, film('adult', 18)]) }, profile: kid });
  const ask = await client(w.deps);
  problemOf(await say(ask, 'nope', 'dont_use'), 404);
  const above = problemOf(await say(ask, 'adult', 'dont_use'), 404)['detail'];
  expect(above).toBe('there is no film "adult" here');
  w.profile = () => Promise.resolve(null);
  problemOf(await say(ask, 'a', 'dont_use', '/v1/users/nobody/exclusions'), 404);
  const errors = problemOf(await say(ask, 'a', 'hide'), 400)['errors'];
  expect(errors).toMatchObject([{ field: 'kind' }]);
  problemOf(await ask(`${PATH}?movieId=a`, { method: 'DELETE' }), 400);
});

const post = (ask: Client, ...events: { type: string; movieId: string; value?: number }[]) =>
  ask('/v1/events', {
    method: 'POST',
    headers: json,
    body: JSON.stringify({
      events: events.map((event) => ({
        eventId: randomUUID(),
        userId: 'anna',
        ts: NOW.toISOString(),
        ...event,
      })),
    }),
  });
const stand = (filmId: string, isDisliked: boolean, isSeen: boolean) => ({
  profileId: 'anna',
  filmId,
  isDisliked,
  isSeen,
});

it('a film that is disliked, rated or finished is gone from the next request on, and back when that is taken back', async () => {
  const w = world({ lists, formula, profile: anna });
  const ask = await client(w.deps);
  expect((await shown(ask)).films).toEqual(['1 a', '2 b', '3 c']);
  w.store.stands(stand('a', true, false));
  await post(ask, { type: 'dislike', movieId: 'a' });
  const less = await shown(ask);
  expect(less.films).toEqual(['1 b', '2 c']);
  w.store.stands(stand('b', false, true));
  await post(ask, { type: 'rating', movieId: 'b', value: 10 });
  expect((await shown(ask)).films).toEqual(['1 c']);
  expect((await shown(ask, 'anna', { 'If-None-Match': less.reply.headers.etag })).reply.status).toBe(200);
  w.store.stands(stand('a', false, false));
  w.store.stands(stand('b', false, false));
  await post(ask, { type: 'undislike', movieId: 'a' }, { type: 'unrate', movieId: 'b' });
  expect((await shown(ask)).films).toEqual(['1 a', '2 b', '3 c']);
});

it('what says nothing of a film costs no look-up; what another process stored is heeded within a minute', async () => {
  const w = world({ lists, formula, profile: anna });
  const [here, there] = [await client(w.deps), await client(w.deps)];
  await shown(there);
  await post(here, { type: 'detail_open', movieId: 'a' }, { type: 'impression', movieId: 'b' });
  expect(w.store.calls).not.toContain('departures');
  w.store.stands(stand('c', false, true));
  await post(here, { type: 'play_end', movieId: 'c' });
  w.now = new Date(NOW.getTime() + 46_000);
  expect((await shown(there)).films).toEqual(['1 a', '2 b']);
});

it('with the database down after a dislike the list goes without the film; a look-up that failed is made up for', async () => {
  const w = world({ lists, formula, profile: anna });
  const ask = await client(w.deps);
  await shown(ask);
  w.store.stands(stand('a', true, false));
  await post(ask, { type: 'dislike', movieId: 'a' });
  await shown(ask);
  const { exclusionChanges, departuresOf } = w.deps.store;
  Object.assign(w.deps.store, { exclusionChanges: down, departuresOf: down, departuresSince: down });
  w.now = new Date(NOW.getTime() + 120_000);
  w.store.stands(stand('b', false, true));
  await post(ask, { type: 'rating', movieId: 'b', value: 2 });
  expect((await shown(ask)).films).toEqual(['1 b', '2 c']);
  const { departuresSince } = w.store;
  Object.assign(w.deps.store, { exclusionChanges, departuresOf, departuresSince });
  w.now = new Date(NOW.getTime() + 240_000);
  await shown(ask);
  expect((await shown(ask)).films).toEqual(['1 c']);
});

it('a list that waits for a slow database does so once, and not for long', async () => {
  const w = world({ lists, formula, profile: anna, limits: { profileMs: 20 } });
  const ask = await client(w.deps);
  await shown(ask);
  w.deps.store.departuresOf = () => new Promise(() => undefined);
  await post(ask, { type: 'dislike', movieId: 'a' });
  expect((await shown(ask)).films).toEqual(['1 a', '2 b', '3 c']);
  expect((await shown(ask)).films).toEqual(['1 a', '2 b', '3 c']);
});
