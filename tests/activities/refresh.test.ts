import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Recommendations } from '../../src/contracts/api.js';
import { configSchema } from '../../src/contracts/config.js';
import { type ViewerAct, viewerInteractions } from '../../src/core/feedback/index.js';
import { problemOf } from '../api/world.js';
import { testPid } from '../support/warehouse-data.js';
import { actOf, behaviour, CONFIG, FILMS, nightOf, PEOPLE, served, T, VIEWERS } from './refresh-world.js';

afterEach(() => void vi.restoreAllMocks());

describe('a viewer refreshed', () => {
  test('one viewer’s interactions are the night’s, filters and all', async () => {
    const events = behaviour();
    const { interactions, brigades, population, bots } = await nightOf(events);
    expect(brigades.length).toBeGreaterThan(0);
    expect(bots).toBeGreaterThan(1);
    const runtimes = new Map(FILMS.map(({ film_id, runtime_min }) => [film_id, runtime_min]));
    PEOPLE.forEach(({ pid, consent, dont_use }, v) => {
      if (consent === 0) return;
      const found = viewerInteractions({
        acts: events.filter(({ viewer }) => viewer === v).map(actOf),
        runtimeOf: (filmId) => runtimes.get(filmId),
        unused: new Set(dont_use),
        behaviour: {
          meanRatingMicro: population.mean_rating_micro,
          busiestDay: population.busiest_day,
          brigades: brigades.map(({ film_id, event_date }) => ({ filmId: film_id, date: event_date })),
        },
        asOf: T,
        config: configSchema.parse(CONFIG),
      });
      const expected = interactions.filter((row) => row.pid === pid);
      const own = [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([film_id, one]) => ({
        film_id,
        preference: one.preference,
        w_micro: one.wMicro,
        is_seen: one.isSeen,
        is_disliked: one.isDisliked,
        kind: one.kind,
        rating: one.rating,
      })); // prettier-ignore
      expect(own).toEqual(expected.map(({ bucket: _b, pid: _p, last_at: _l, ...row }) => row));
    });
  });

  test.each(['als', 'ease'] as const)(
    'by %s, for the same events and instant the list is the night’s, to the last digit and reason',
    async (model) => {
      const { get, refresh } = await served(behaviour(), { model });
      const kinds = new Set<string>();
      for (let v = 0; v < VIEWERS; v++) {
        if (PEOPLE[v]!.consent === 0) continue;
        const { etag, ...before } = await get(v);
        const { status, body, headers } = await refresh(v);
        expect(status).toBe(200);
        expect(JSON.parse(body)).toEqual({ ...before, madeAt: new Date(T).toISOString() });
        expect(headers['etag']).not.toBe(etag);
        kinds.add(before.servedBy);
      }
      expect(kinds).toEqual(new Set(['personal', 'formula'])); // the bot's days are left out
    },
  );

  test('what has just been done changes the list, which is served until another release is', async () => {
    const { api, acts, get, refresh } = await served();
    const before = await get(3);
    const first = before.items[0]!.movieId;
    api.now = new Date(T + 3_600_000);
    acts.get(testPid(3))!.push({ filmId: first, type: 'rating', value: 10, at: T + 3_700_000 }); // a clock ahead of ours
    const now = JSON.parse((await refresh(3)).body) as Recommendations;
    expect(now.release).toBe(before.release);
    expect(now.items.map(({ movieId }) => movieId)).not.toContain(first);
    expect(now.items.map(({ score }) => score)).not.toEqual(before.items.slice(1).map(({ score }) => score));
    const { etag, ...served3 } = await get(3);
    expect(served3).toEqual(now);
    expect(etag).not.toBe(before.etag);
    expect((await get(4)).items).not.toEqual(now.items); // nobody else's
    // a catalogue comes every few minutes: the model, whose kernels have a memory of their own, stays laid out
    const instances = vi.spyOn(WebAssembly, 'Instance');
    const { lists, ...formula } = api.formula!;
    const film = lists.films.find(({ filmId }) => filmId === now.items[0]!.movieId)!;
    const films = lists.films.map((one) => (one === film ? { ...film, title: 'Renamed' } : one));
    api.formula = { ...formula, releaseId: 'formula 2', lists: { ...lists, films } };
    const { items, ...rest } = JSON.parse((await refresh(3)).body) as Recommendations;
    expect(items).toEqual(now.items.map((item, n) => (n === 0 ? { ...item, title: 'Renamed' } : item)));
    expect(rest).toEqual({ ...now, items: undefined });
    expect(instances).not.toHaveBeenCalled();
    const released = api.lists!;
    api.lists = { ...released };
    expect((await get(3)).items).toEqual(before.items);
  });

  test('a seen film of which the store has no event stays away when "don’t use" is said and taken back', async () => {
    const { acts, wishes, get, refresh } = await served();
    const listed = async () => {
      expect((await refresh(3)).status).toBe(200);
      return (await get(3)).items.map(({ movieId }) => movieId);
    };
    const pid = testPid(3);
    const all = acts.get(pid)!;
    const free = await listed();
    // now all of it was told in files, not to this store
    const seen = FILMS.map(({ film_id }) => film_id).filter((id) => !free.includes(id));
    acts.set(pid, []);
    const before = await listed();
    const away = seen.filter((id) => !before.includes(id));
    expect(away.length).toBeGreaterThan(0);
    wishes.get(pid)!.dont_use = away;
    await listed();
    wishes.get(pid)!.dont_use = [];
    expect(await listed()).toEqual(before);
    acts.set(pid, all);
    expect(await listed()).toEqual(free);
  });

  test('who asks while a refresh is under way gets one that knows of their act, and all of them the same one', async () => {
    const { acts, get, refresh, storeIs } = await served();
    const pid = testPid(3);
    const first = (await get(3)).items[0]!.movieId;
    let asked = 0;
    const reads: (() => void)[] = [];
    storeIs((id) => {
      asked++;
      const known = [...acts.get(id)!];
      return new Promise((resolve) => reads.push(() => resolve(known)));
    });
    const reading = (n: number) => expect.poll(() => reads.length).toBe(n);
    const early = refresh(3);
    await reading(1);
    acts.get(pid)!.push({ filmId: first, type: 'rating', value: 10, at: T + 1 });
    const late = [refresh(3), refresh(3), refresh(3)];
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(asked).toBe(1);
    reads[0]!();
    await early;
    await reading(2);
    reads[1]!();
    for (const { status, body } of await Promise.all(late)) {
      expect(status).toBe(200);
      expect((JSON.parse(body) as Recommendations).items.map(({ movieId }) => movieId)).not.toContain(first);
    }
    expect(asked).toBe(2);
  });

  test('a viewer with more events than can be worked through at once is refused; the list stays', async () => {
    const { get, refresh, storeIs } = await served();
    const before = await get(3);
    const many: ViewerAct[] = Array.from({ length: 20_001 }, (_, i) => ({
      filmId: 'f01',
      type: 'impression',
      at: T - 1 - i * 1000,
      dwellMs: 2000,
      viewportPct: 90,
      sessionId: 's',
    }));
    storeIs(() => Promise.resolve(many));
    expect(problemOf(await refresh(3), 409)['detail']).toMatch(/more than 20000 events/);
    expect((await get(3)).items).toEqual(before.items);
    const started = performance.now();
    storeIs(() => Promise.resolve(many.slice(1)));
    expect((await refresh(3)).status).toBe(200);
    expect(performance.now() - started).toBeLessThan(4000);
  });

  test('refused: who allows no personal list, who is not known, and while the store is down: what was served stays', async () => {
    const { get, refresh, storeIs } = await served();
    problemOf(await refresh(20), 403);
    problemOf(await refresh('nobody'), 404);
    const before = await get(3);
    storeIs(() => Promise.reject(new Error('connect ECONNREFUSED')));
    const down = await refresh(3);
    problemOf(down, 503);
    expect(down.headers['retry-after']).toBe('2');
    expect((await get(3)).items).toEqual(before.items);
  });

  test('a release that says nothing of everybody’s behaviour: 409', async () => {
    const { refresh } = await served(behaviour(), { isOld: true });
    expect(problemOf(await refresh(3), 409)['detail']).toMatch(/has nothing to refresh a list by/);
  });
});
