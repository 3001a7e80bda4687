import { afterAll, describe, expect, test } from 'vitest';
import type { Session } from '../../src/activities/deps.js';
import { setAgeLimits } from '../../src/activities/age-limits.js';
import { buildInteractions, eachPass, prepareFeedback } from '../../src/activities/interactions.js';
import { copyPopularity } from '../../src/activities/popularity.js';
import { loadTrainingData } from '../../src/activities/training-cells.js';
import { type Config, configSchema } from '../../src/contracts/index.js';
import { profileMaxAge } from '../../src/core/age-gate/index.js';
import { coldFilmsOf } from '../../src/core/als/film-content.js';
import { soloTeam } from '../../src/core/als/phases.js';
import { startFilms } from '../../src/core/als/start.js';
import { trainIals } from '../../src/core/als/train.js';
import { createWorkspace, publishedFactors } from '../../src/core/als/workspace.js';
import { type CellCount, popularCells } from '../../src/core/ranking/popular.js';
import { createSimdKernel } from '../../src/kernels/simd/kernel.js';
import { createHistories } from '../../src/simulator/closed-loop/histories.js';
import { popularAt } from '../../src/simulator/closed-loop/twin-popularity.js';
import { trainTwin } from '../../src/simulator/closed-loop/twin-training.js';
import { REFERENCE_SETTINGS, composedFilms, simulateAudience } from '../../src/simulator/index.js';
import {
  buildWeightedRating,
  testFolder,
  testPid,
  warehouse,
  writeEvents,
  writeFilms,
  writeViewers,
} from '../support/warehouse-data.js';
import { UNTIL, reference } from './reference-world.js';

const films = composedFilms(60, 1, UNTIL);
const small = reference({ viewers: 80, days: 30, films });

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
        profiles.map(({ consent, market, birthYear, isKids }, viewer) => ({
          viewer,
          consent,
          market,
          is_kids: isKids,
          ...(birthYear === null ? {} : { birth_year: birthYear }),
        })),
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
      kind: 'als',
      factors: publishedFactors(workspace, workspace.films),
      standing: data.standing,
      hyper: expect.objectContaining({ k: 8 }) as unknown,
      cold,
    });
  });

  test('what is popular in each market and age band is what the SQL counts', async () => {
    const defaults = configSchema.parse({});
    // Floors below what config allows, for a small audience.
    const popularity = { ...defaults.popularity, minViewers: 4, minFilmViewers: 2 };
    const settings = { ...defaults, popularity };
    const histories = createHistories(
      films.map(({ film }) => film),
      profiles,
      settings,
    );
    histories.add(events);
    const counts = await warehouse.session(async (session) => {
      const input = await written(session, settings);
      await prepareFeedback(session, input);
      await eachPass(session, input, ['features/interactions']);
      await setAgeLimits(session, settings, input.asOf, profileMaxAge);
      const file = await copyPopularity(session, settings, folder.path('popularity.parquet'));
      return session.rows<CellCount>(
        'SELECT market, band, film_id AS "filmId", viewers FROM read_parquet($path)',
        { path: folder.path(file.path) },
      );
    });
    const popular = popularAt(
      films.map(({ film }) => film.filmId),
      profiles,
      histories.interactions(asOfMs),
      asOfMs,
      settings,
    );
    expect(popular.cells.filter(({ band }) => band >= 0).length).toBeGreaterThan(1);
    expect(popular.cells).toEqual(popularCells(counts));
  });
});
