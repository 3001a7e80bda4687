import { describe, expect, test } from 'vitest';
import { type Config, type ViewerEvent, configSchema } from '../../src/contracts/index.js';
import { createSimdKernel } from '../../src/kernels/simd/kernel.js';
import { type Pair, createHistories } from '../../src/simulator/closed-loop/histories.js';
import { type TwinRelease, createTwin } from '../../src/simulator/closed-loop/twin-night.js';
import { popularAt } from '../../src/simulator/closed-loop/twin-popularity.js';
import { trainTwin } from '../../src/simulator/closed-loop/twin-training.js';
import {
  closedLoop,
  composedFilms,
  liveThrough,
  livesAfter,
  simulateAudience,
} from '../../src/simulator/index.js';
import { PRODUCT_AGES, UNTIL, reference } from './reference-world.js';

const config = configSchema.parse({
  ials: { k: 8 },
  lists: { size: 20 },
  eligibility: { minItemUsers: 3 },
  weightedRating: { mFloor: 5 },
});
const films = composedFilms(60, 1, UNTIL);
const small = reference({ viewers: 80, days: 30, films });
const loop = (policy: 'personal' | 'top', onNight?: (night: number, release: TwinRelease) => void) =>
  closedLoop({
    audience: small,
    nights: 3,
    policy,
    listLength: 20,
    config,
    createKernel: createSimdKernel,
    ...(onNight === undefined ? {} : { onNight }),
  });

describe('the closed loop', () => {
  const releases: TwinRelease[] = [];

  test('the same options give the same days; another policy other days, but the same history', async () => {
    const first = await loop('personal', (_, release) => releases.push(release));
    const again = await loop('personal');
    const top = await loop('top');
    expect(again).toEqual(first);
    expect(top.positives).toEqual(first.positives);
    expect(top.days).not.toEqual(first.days);
    expect(top.personalShare).toBe(0);
    expect(first.personalShare).toBeGreaterThan(0.5);
    const sum = (days: typeof first.days) => days.flat().reduce((total, { sessions }) => total + sessions, 0);
    // The same viewers come at the same times; only a film that runs into the next visit can take one away.
    expect(Math.abs(sum(top.days) - sum(first.days))).toBeLessThan(0.1 * sum(top.days));
    for (const [at, tally] of first.tallies.entries())
      expect(tally.plays).toBe(first.days.reduce((total, day) => total + day[at]!.plays, 0));
  });

  test('lists are the product’s: nothing seen before, nothing above the age, the same Top list for everybody of an age', () => {
    const audience = simulateAudience(small);
    const lives = livesAfter(audience, () => undefined);
    const [release] = releases;
    const minAge = new Map(films.map(({ film }) => [film.filmId, PRODUCT_AGES.minAge(film)]));
    const tops = new Map<number, string>();
    let personal = 0;
    for (const life of lives) {
      const { profile } = life.viewer;
      const { servedBy, filmIds } = release!.personal(profile.profileId);
      const limit = PRODUCT_AGES.maxAge(profile, 2026);
      expect(filmIds.filter((filmId) => minAge.get(filmId)! > limit)).toEqual([]);
      const consents = profile.consent === 31;
      if (consents)
        expect(filmIds.filter((filmId) => life.hasSeen(audience.truth.film(filmId)!.index))).toEqual([]);
      if (servedBy === 'personal') personal += 1;
      const top = release!.top(profile.profileId).filmIds.join();
      if (profile.market !== 'default') continue;
      expect(tops.get(limit) ?? top).toBe(top);
      tops.set(limit, top);
    }
    expect(personal).toBeGreaterThan(40);
  });

  test('what was shown on top is told: list, release and position, of every film examined there', async () => {
    const audience = simulateAudience(small);
    const lives = livesAfter(audience, () => undefined);
    const sent: ViewerEvent[] = [];
    const filmIds = films.slice(0, 5).map(({ film }) => film.filmId);
    const page = {
      surface: 'for-you',
      listId: 'list-1',
      releaseId: 'release-1',
      filmIds: [...filmIds, 'unknown'],
    };
    let asked = 0;
    await liveThrough(audience, lives, UNTIL.getTime(), {
      page: () => {
        asked += 1;
        return page;
      },
      send: (events) => void sent.push(...events),
    });
    const comers = lives.filter(({ tally }, at) => tally.sessions > livesAfterTally(at)).length;
    expect(asked).toBeGreaterThan(0);
    expect(asked).toBeGreaterThanOrEqual(comers);
    const listed = sent.filter(({ listId }) => listId === 'list-1');
    expect(listed.length).toBeGreaterThan(0);
    for (const event of listed) {
      expect(event.releaseId).toBe('release-1');
      if (event.position !== undefined) expect(filmIds[event.position - 1]).toBe(event.movieId);
    }
    expect(listed.some(({ type }) => type === 'impression')).toBe(true);

    function livesAfterTally(at: number): number {
      return tallies[at] ?? 0;
    }
  });

  const tallies = livesAfter(simulateAudience(small), () => undefined).map(({ tally }) => tally.sessions);
});

describe('a night of the twin', () => {
  const [someone] = [...simulateAudience(small).profiles()].filter(({ consent }) => consent === 31);
  const profile = { ...someone!, birthYear: 2007, isKids: false };
  const adult = { ...films[0]!.film, certificates: { MPA: ['NC-17'] }, addedAt: null };
  const NEW_YEAR = Date.UTC(2026, 0, 1);
  const twinOf = (settings: Config) =>
    createTwin({
      films: [adult],
      profiles: [profile],
      histories: createHistories([adult], [profile], settings),
      config: settings,
      isTrained: false,
      createKernel: createSimdKernel,
    });

  test('knows ages as of its own year from the first of January on, as product nights do', async () => {
    const twin = twinOf(config);
    // Born in 2007: 18 in the whole of 2026 (the birthday may be ahead), 17 until then.
    for (const [asOfMs, shown] of [
      [NEW_YEAR - 86_400_000, []],
      [NEW_YEAR, [adult.filmId]],
    ] as const) {
      const release = await twin.night(asOfMs);
      expect(release.top(profile.profileId).filmIds).toEqual(shown);
      expect(release.personal(profile.profileId).filmIds).toEqual(shown);
      const pair = {
        viewer: 0,
        film: 0,
        interaction: { preference: 1, lastAt: asOfMs - 1 } as Pair['interaction'],
      };
      const popularity = { ageBands: [18], minViewers: 1, minFilmViewers: 1 };
      const bands = popularAt([adult.filmId], [profile], [pair], asOfMs, { ...config, popularity }).cells;
      expect(bands.map(({ band }) => band)).toContain(shown.length);
    }
  });

  test.each(['ease', 'auto'] as const)('model: %s is refused, not trained as ALS', async (model) => {
    const twin = trainTwin(
      {
        films: [adult],
        profiles: [profile],
        config: { ...config, model },
        createKernel: createSimdKernel,
      },
      [],
      NEW_YEAR,
      undefined,
    );
    await expect(twin).rejects.toThrow(`model: ${model}: the closed loop trains ALS`);
  });
});

describe('what leaves a list between nights', () => {
  const [film, other] = films.map(({ film: facts }) => facts);
  const [viewer] = [...simulateAudience(small).profiles()].filter(({ consent }) => consent === 31);
  const from = Date.parse('2026-03-09T00:00:00Z');
  const endSec = film!.runtimeMin! * 54;
  const gone = (...acts: Partial<ViewerEvent>[]) => {
    const histories = createHistories([film!, other!], [viewer!], config);
    histories.add(
      acts.map((act, n) => ({
        eventId: String(n),
        userId: viewer!.profileId,
        movieId: film!.filmId,
        type: 'like',
        ts: `2026-03-09T10:0${n}:00Z`,
        ...act,
      })),
    );
    return [...histories.goneSince(0, from)];
  };

  test('films rated, disliked or played into their last tenth, as they stand now', () => {
    expect(gone({ type: 'rating', value: 9 })).toEqual([0]);
    expect(gone({ type: 'rating', value: 9, movieId: other!.filmId })).toEqual([1]);
    expect(gone({ type: 'rating', value: 9 }, { type: 'unrate' })).toEqual([]);
    expect(gone({ type: 'dislike' })).toEqual([0]);
    expect(gone({ type: 'dislike' }, { type: 'like' })).toEqual([]);
    expect(gone({ type: 'like' })).toEqual([]);
    expect(gone({ type: 'play_end', fromSec: 0, toSec: endSec })).toEqual([0]);
    expect(gone({ type: 'play_end', fromSec: 0, toSec: endSec - 1 })).toEqual([]);
  });

  test('what was done before the served night is that night’s matter', () => {
    expect(gone({ type: 'rating', value: 9, ts: '2026-03-08T23:59:59Z' })).toEqual([]);
    expect(gone({ type: 'play_end', fromSec: 0, toSec: endSec, ts: '2026-03-08T23:59:59Z' })).toEqual([]);
  });
});
