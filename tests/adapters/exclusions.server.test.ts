import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import pg from 'pg';
import { migrate } from '../../src/adapters/postgres/migrate.js';
import { createOperationalStore, type PostgresStore } from '../../src/adapters/postgres/operational-store.js';
import { type EventType, eventSchema, filmSchema, profileSchema } from '../../src/contracts/index.js';
import { startTestPostgres, type TestPostgres } from '../support/postgres.js';

let server: TestPostgres;
let store: PostgresStore;
let client: pg.Client;

beforeAll(async () => {
  server = await startTestPostgres();
  await migrate(server.databaseUrl);
  store = createOperationalStore(server.databaseUrl, {
    clock: { now: () => new Date('2026-03-10T12:00:00Z') },
  });
  client = new pg.Client({ connectionString: server.databaseUrl });
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await store.close();
  await server.stop();
});
beforeEach(async () => {
  await client.query('TRUNCATE events, ratings, finishes, films, logins, exclusions, profiles, accounts');
  await store.upsertProfiles([
    profileSchema.parse({ profileId: 'ann', accountId: 'family', createdAt: '2026-01-01T00:00:00Z' }),
    profileSchema.parse({
      profileId: 'mia',
      accountId: 'family',
      isKids: true,
      createdAt: '2026-01-02T00:00:00Z',
    }),
  ]);
});

const save = (type: EventType, movieId: string, at: string, more = {}) =>
  store.saveEvents(
    [
      eventSchema.parse({
        eventId: randomUUID(),
        userId: 'ann',
        movieId,
        type,
        ts: `2026-03-10T${at}:00Z`,
        ...more,
      }),
    ],
    'api',
  );

describe('exclusions', () => {
  test('said twice is said once; undone, said again; a stranger is told', async () => {
    expect(await store.exclude('ann', 'f1', 'dont_use')).toBe('excluded');
    const [first] = await store.exclusions('ann');
    expect(first).toMatchObject({ filmId: 'f1', kind: 'dont_use' });
    expect(await store.exclude('ann', 'f1', 'dont_use')).toBe('already');
    expect(await store.exclusions('ann')).toEqual([first]);
    expect(await store.undoExclusion('ann', 'f1', 'dont_use')).toBe(true);
    expect(await store.undoExclusion('ann', 'f1', 'dont_use')).toBe(false);
    expect(await store.exclusions('ann')).toEqual([]);
    expect(await store.exclude('ann', 'f1', 'dont_use')).toBe('excluded');
    expect(await store.exclude('nobody', 'f1', 'dont_use')).toBe('unknown-profile');
    expect(await store.exclusions('nobody')).toEqual([]);
  });

  test('changes since an instant tell of undo too, and nothing older', async () => {
    await store.exclude('ann', 'f1', 'not_interested');
    await store.exclude('mia', 'f2', 'not_interested');
    await store.undoExclusion('mia', 'f2', 'not_interested');
    await client.query(`UPDATE exclusions SET changed_at = '2020-01-01' WHERE profile_id = 'ann'`);
    const { changes, readAt } = await store.exclusionChanges('2021-01-01T00:00:00Z');
    expect(changes).toEqual([{ profileId: 'mia', filmId: 'f2', kind: 'not_interested', isActive: false }]);
    expect((await store.exclusionChanges(readAt)).changes).toEqual([]);
    expect((await store.exclusionChanges('2019-01-01T00:00:00Z')).changes).toHaveLength(2);
  });
});

describe('what a viewer did, read back', () => {
  test('ratings: the newest of each film', async () => {
    await save('rating', 'f1', '10:00', { value: 4 });
    await save('rating', 'f2', '10:30', { value: 7 });
    await save('rating', 'f1', '11:00', { value: 9 });
    expect(await store.ratings('ann')).toEqual([
      { filmId: 'f1', value: 9, ratedAt: '2026-03-10T11:00:00.000Z' },
      { filmId: 'f2', value: 7, ratedAt: '2026-03-10T10:30:00.000Z' },
    ]);
    expect(await store.ratings('mia')).toEqual([]);
  });

  test('opinions: undo takes back, the newest of like and dislike stands, at one instant undo and dislike win', async () => {
    await save('bookmark_add', 'kept', '10:00');
    await save('bookmark_add', 'gone', '10:00');
    await save('bookmark_remove', 'gone', '11:00');
    await save('bookmark_remove', 'back', '10:00');
    await save('bookmark_add', 'back', '11:00');
    await save('bookmark_add', 'same', '10:00');
    await save('bookmark_remove', 'same', '10:00');
    await save('like', 'liked', '10:00');
    await save('like', 'turned', '10:00');
    await save('dislike', 'turned', '11:00');
    await save('like', 'undone', '10:00');
    await save('unlike', 'undone', '11:00');
    await save('like', 'both', '10:00');
    await save('dislike', 'both', '10:00');
    const { liked, disliked, bookmarked } = await store.opinions('ann');
    expect(bookmarked).toEqual([
      { filmId: 'back', at: '2026-03-10T11:00:00.000Z' },
      { filmId: 'kept', at: '2026-03-10T10:00:00.000Z' },
    ]);
    expect(liked.map(({ filmId }) => filmId)).toEqual(['liked']);
    expect(disliked.map(({ filmId }) => filmId)).toEqual(['turned', 'both']);
  });

  test('acts: what was done with films since an instant, in the units of the warehouse, and no more than was said', async () => {
    await save('rating', 'old', '09:00', { value: 4 });
    await save('rating', 'f1', '10:00', {
      value: 9,
      sessionId: 's',
      surface: 'film',
      position: 2,
      device: 'tv',
    });
    await save('play_heartbeat', 'f2', '10:30', { fromSec: 1.5, toSec: 61, dwellMs: 70, viewportPct: 50 });
    const acts = await store.acts('ann', '2026-03-10T10:00:00.000Z', 100);
    expect(acts.toSorted((a, b) => a.at - b.at)).toEqual([
      {
        filmId: 'f1',
        type: 'rating',
        at: Date.parse('2026-03-10T10:00:00.000Z'),
        value: 9,
        sessionId: 's',
        surface: 'film',
        position: 2,
        device: 'tv',
      },
      {
        filmId: 'f2',
        type: 'play_heartbeat',
        at: Date.parse('2026-03-10T10:30:00.000Z'),
        fromMs: 1500,
        toMs: 61_000,
        dwellMs: 70,
        viewportPct: 50,
      },
    ]);
    expect(await store.acts('ann', '2026-03-10T10:00:00.000Z', 2)).toHaveLength(2);
    const rated = await store.acts('ann', '2026-03-10T10:00:00.000Z', 100, ['rating', 'like']);
    expect(rated.map(({ filmId }) => filmId)).toEqual(['f1']);
    expect(await store.acts('mia', '2026-03-10T10:00:00.000Z', 100)).toEqual([]);
  });

  test('profiles of an account, in the order they were made', async () => {
    const profiles = await store.profilesOf('family');
    expect(profiles?.map(({ profileId, isKids }) => [profileId, isKids])).toEqual([
      ['ann', false],
      ['mia', true],
    ]);
    expect(await store.profilesOf('nobody')).toBeNull();
  });
});

describe('what makes a film leave lists', () => {
  const NIGHT = '2026-03-10T00:00:00Z';
  const EVER = '2026-01-01T00:00:00Z';
  const ofAnn = (...films: string[]) =>
    store.departuresOf(
      NIGHT,
      films.map((filmId) => ({ profileId: 'ann', filmId })),
    );
  const standing = async (from = NIGHT) =>
    (await store.departuresSince(from, EVER)).map(({ filmId, isDisliked, isSeen }) =>
      `${filmId} ${isDisliked ? 'disliked' : ''}${isSeen ? 'seen' : ''}`.trim(),
    );

  test('dislikes and ratings that stand, films played to their last tenth; taken back, they come back', async () => {
    await store.upsertFilms([
      filmSchema.parse({ filmId: 'short', title: 'Short', runtimeMin: 10 }),
      filmSchema.parse({ filmId: 'endless', title: 'Of unknown length' }),
    ]);
    await save('dislike', 'd', '10:00');
    await save('rating', 'r', '10:00', { value: 10 });
    await save('like', 'l', '10:00');
    await save('detail_open', 'o', '10:00');
    for (const [movieId, toSec] of [
      ['short', 539],
      ['endless', 9000],
    ] as const)
      await save('play_heartbeat', movieId, '10:00', { fromSec: 0, toSec });
    expect(await standing()).toEqual(['d disliked', 'l', 'r seen']);
    await save('play_end', 'short', '10:30', { fromSec: 539, toSec: 540 });
    expect(await standing()).toEqual(['d disliked', 'l', 'r seen', 'short seen']);
    await save('undislike', 'd', '11:00');
    await save('unrate', 'r', '11:00');
    expect(await standing()).toEqual(['d', 'l', 'r', 'short seen']);
    await save('dislike', 'd', '12:00');
    await save('rating', 'd', '12:00', { value: 2 });
    expect(await ofAnn('d', 'short', 'nothing')).toEqual([
      { profileId: 'ann', filmId: 'd', isDisliked: true, isSeen: true },
      { profileId: 'ann', filmId: 'nothing', isDisliked: false, isSeen: false },
      { profileId: 'ann', filmId: 'short', isDisliked: false, isSeen: true },
    ]);
  });

  test('history that is loaded later is no news', async () => {
    await save('rating', 'r', '10:00', { value: 10 });
    expect(await standing('2026-03-10T10:00:00Z')).toEqual(['r seen']);
    expect(await standing('2026-03-10T10:00:01Z')).toEqual([]);
    expect(await store.departuresSince(NIGHT, '2999-01-01T00:00:00Z')).toEqual([]);
  });

  test('a rating taken back is none, in whatever order the two arrive; a later one counts', async () => {
    const current = async () => (await store.ratings('ann')).map(({ filmId, value }) => `${filmId} ${value}`);
    await save('unrate', 'late', '11:00');
    await save('rating', 'late', '10:00', { value: 8 });
    await save('rating', 'back', '10:00', { value: 8 });
    await save('unrate', 'back', '10:00');
    expect(await current()).toEqual([]);
    await save('rating', 'late', '11:01', { value: 3 });
    expect(await current()).toEqual(['late 3']);
  });
});
