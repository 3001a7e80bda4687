import { afterAll, describe, expect, test } from 'vitest';
import type { Session } from '../../src/activities/deps.js';
import { buildInteractions, buildWeightedRating } from '../../src/activities/interactions.js';
import { loadTrainingData } from '../../src/activities/training-cells.js';
import { type Config, type ViewerEvent, configSchema } from '../../src/contracts/index.js';
import { coldFilmsOf } from '../../src/core/als/film-content.js';
import { soloTeam } from '../../src/core/als/phases.js';
import { startFilms } from '../../src/core/als/start.js';
import { trainIals } from '../../src/core/als/train.js';
import { createWorkspace, publishedFactors } from '../../src/core/als/workspace.js';
import { createSimdKernel } from '../../src/kernels/simd/kernel.js';
import { createHistories } from '../../src/simulator/closed-loop/histories.js';
import { type TwinRelease } from '../../src/simulator/closed-loop/twin-night.js';
import { trainTwin } from '../../src/simulator/closed-loop/twin-training.js';
import {
  REFERENCE_SETTINGS,
  closedLoop,
  composedFilms,
  liveThrough,
  livesAfter,
  simulateAudience,
} from '../../src/simulator/index.js';
import {
  testFolder,
  testPid,
  warehouse,
  writeEvents,
  writeFilms,
  writeViewers,
} from '../support/warehouse-data.js';
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

describe('nights are the warehouse’s', () => {
  const folder = testFolder();
  afterAll(folder.remove);
  // Flagging many days, so that bot days matter here.
  const strict: Config = configSchema.parse({
    filters: { bots: { quantile: 0.9, maxMedianDwellMs: 3000 } },
    weightedRating: { mFloor: 5 },
  });
  const audience = simulateAudience({ ...small, settings: { ...REFERENCE_SETTINGS, churn: null } });
  const profiles = [...audience.profiles()];
  // The audience tells its dwell with impressions only, which do not count: here plays tell one too, of one to five seconds.
  const events = [...audience.events()]
    .flat()
    .map((event, n) => (event.type.startsWith('play') ? { ...event, dwellMs: 1000 * (1 + (n % 5)) } : event));
  const asOfMs = UNTIL.getTime() - 5 * 86_400_000;
  const viewerAt = new Map(profiles.map(({ profileId }, at) => [profileId, at]));
  const rows = events
    .filter(({ ts }) => Date.parse(ts) < asOfMs)
    .map((event) => ({
      viewer: viewerAt.get(event.userId)!,
      film: event.movieId ?? null,
      type: event.type,
      ts: event.ts.replace('Z', ''),
      value: event.value ?? null,
      ...(event.fromSec === undefined ? {} : { from_ms: event.fromSec * 1000, to_ms: event.toSec! * 1000 }),
      session_id: event.sessionId!,
      surface: event.surface!,
      position: event.position!,
      dwell_ms: event.dwellMs!,
      viewport_pct: event.viewportPct!,
    }));

  const written = async (session: Session, settings: Config, shelf = films.map(({ film }) => film)) => ({
    events: { eventFiles: [await writeEvents(session, folder.path('events'), rows)] },
    asOf: new Date(asOfMs).toISOString(),
    films: [
      await writeFilms(
        session,
        folder.path('films'),
        shelf.map((film) => ({ film: film.filmId, runtime: film.runtimeMin, facts: film })),
      ),
    ],
    viewers: [
      await writeViewers(
        session,
        folder.path('viewers'),
        profiles.map(({ consent }, viewer) => ({ viewer, consent })),
      ),
    ],
    config: settings,
  });

  test('interactions and votes are what the SQL makes of the same events, bot days left out in both', async () => {
    const histories = createHistories(
      films.map(({ film }) => film),
      profiles,
      strict,
    );
    histories.add(events);
    const [twins, votes] = [histories.interactions(asOfMs), histories.votes(asOfMs)];
    const { found, voted, bots } = await warehouse.session(async (session) => {
      const input = await written(session, strict);
      await buildInteractions(session, { ...input, outPath: folder.path('interactions') });
      await buildWeightedRating(session, { ...input, outPath: folder.path('votes') });
      return {
        found: await session.rows<Record<string, unknown>>(
          'SELECT pid, film_id, preference, w_micro, is_seen, is_disliked, kind, rating FROM read_parquet($path) ORDER BY pid, film_id',
          { path: folder.path('interactions') },
        ),
        voted: await session.rows<Record<string, unknown>>(
          'SELECT film_id, votes, rating_sum::INTEGER AS rating_sum FROM read_parquet($path) ORDER BY film_id',
          { path: folder.path('votes') },
        ),
        bots: await session.rows<{ n: number }>('SELECT count(*)::INTEGER AS n FROM bot_days'),
      };
    });
    expect(bots[0]!.n).toBeGreaterThan(5);
    const expected = twins
      .map(({ viewer, film, interaction: i }) => ({
        pid: testPid(viewer),
        film_id: films[film]!.film.filmId,
        preference: i.preference,
        w_micro: i.wMicro,
        is_seen: i.isSeen,
        is_disliked: i.isDisliked,
        kind: i.kind,
        rating: i.rating,
      }))
      .sort((a, b) => (a.pid + a.film_id < b.pid + b.film_id ? -1 : 1));
    expect(found.length).toBeGreaterThan(200);
    expect(found).toEqual(expected);
    expect(voted).toEqual(
      votes.map(({ filmId, votes: count, ratingSum }) => ({
        film_id: filmId,
        votes: count,
        rating_sum: ratingSum,
      })),
    );
  });

  test('a model has the bits of one that is trained on the warehouse’s cells and facts, films without factors too', async () => {
    const settings = configSchema.parse({ ials: { k: 8 }, eligibility: { minItemUsers: 4 } });
    // Film n is of n − 5 days before T: some are to come, one comes at T, one is 30 days old to the millisecond.
    const shelf = films.map(({ film }, n) => ({
      ...film,
      addedAt: new Date(asOfMs - (n - 5) * 86_400_000).toISOString(),
    }));
    const histories = createHistories(shelf, profiles, settings);
    histories.add(events);
    const twin = await trainTwin(
      {
        films: shelf,
        profiles,
        config: settings,
        createKernel: createSimdKernel,
        // by bucket, then pseudonym: what writeViewers gives them
        orderKey: (id) => `${String(viewerAt.get(id)! % 16).padStart(2, '0')} ${testPid(viewerAt.get(id)!)}`,
      },
      histories.interactions(asOfMs),
      asOfMs,
      undefined,
    );
    const filmFiles = await warehouse.session(async (session) => {
      const input = await written(session, settings, shelf);
      await buildInteractions(session, { ...input, outPath: folder.path('cells') });
      return input.films;
    });
    const data = await warehouse.session((session) =>
      loadTrainingData(
        session,
        { interactions: [folder.path('cells')], films: filmFiles },
        new Date(asOfMs).toISOString(),
        settings,
      ),
    );
    const workspace = createWorkspace(data, settings.ials, data.content ?? undefined);
    startFilms(workspace, data.filmIds, settings.ials);
    await trainIals(workspace, soloTeam(workspace, createSimdKernel(workspace.memory, 8)), {
      epochs: settings.ials.epochsCold,
      solver: settings.ials.solver,
    });
    const cold = coldFilmsOf(workspace.prior, data.content);
    expect(cold.films.filter(({ isNew }) => isNew).length).toBeGreaterThan(0);
    expect(cold.films.filter(({ isNew }) => !isNew).length).toBeGreaterThan(0);
    expect(Math.hypot(...cold.factors)).toBeGreaterThan(0.1);
    expect(twin).toEqual({
      filmIds: data.filmIds,
      factors: publishedFactors(workspace, workspace.films),
      standing: data.standing,
      hyper: expect.objectContaining({ k: 8 }) as unknown,
      cold,
    });
  });
});
