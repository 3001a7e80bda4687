import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { SourceConflict } from '../../src/adapters/postgres/bulk-load.js';
import { migrate } from '../../src/adapters/postgres/migrate.js';
import { createOperationalStore, type PostgresStore } from '../../src/adapters/postgres/operational-store.js';
import {
  type EventType,
  eventSchema,
  filmSchema,
  profileSchema,
  type ViewerEvent,
} from '../../src/contracts/index.js';
import { startTestPostgres, type TestPostgres } from '../support/postgres.js';

const NOW = new Date('2026-03-10T12:00:00Z');
const folder = mkdtempSync(join(tmpdir(), 'matinee-store-'));
let server: TestPostgres;
let store: PostgresStore;
let client: pg.Client;

beforeAll(async () => {
  server = await startTestPostgres();
  await migrate(server.databaseUrl);
  store = createOperationalStore(server.databaseUrl, { clock: { now: () => NOW } });
  client = new pg.Client({ connectionString: server.databaseUrl });
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await store.close();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  await client.query('TRUNCATE events, ratings, films, logins, exclusions, profiles, accounts');
  await store.upsertProfiles(
    ['ann', 'bob'].map((profileId) => profileSchema.parse({ profileId, accountId: 'family' })),
  );
});

function event(type: EventType, more: Partial<ViewerEvent> = {}): ViewerEvent {
  const movieId = type === 'scroll' ? {} : { movieId: 'f1' };
  const value = type === 'rating' ? { value: 8 } : {};
  return eventSchema.parse({
    eventId: randomUUID(),
    userId: 'ann',
    type,
    ts: '2026-03-10T11:00:00Z',
    ...movieId,
    ...value,
    ...more,
  });
}
const one = async <T extends pg.QueryResultRow>(sql: string): Promise<T> => {
  const { rows } = await client.query<T>(sql);
  return rows[0]!;
};

describe('migrate', () => {
  test('runs once, also when several processes start together', async () => {
    const again = await Promise.all([migrate(server.databaseUrl), migrate(server.databaseUrl)]);
    expect(again).toEqual([[], []]);
  });
});

describe('saveEvents', () => {
  test('counts accepted, duplicates and unknown users exactly', async () => {
    const twice = event('like');
    const batch = [twice, twice, event('rating'), event('share', { userId: 'nobody' })];
    expect(await store.saveEvents(batch, 'api')).toEqual({
      accepted: 2,
      duplicates: 1,
      unknownUsers: ['nobody'],
    });
    expect(await store.saveEvents(batch, 'api')).toEqual({
      accepted: 0,
      duplicates: 3,
      unknownUsers: ['nobody'],
    });
    expect(await store.counts()).toMatchObject({ events: 2 });
  });

  test('one batch sent by several clients at once is saved once', async () => {
    const batch = Array.from({ length: 200 }, () => event('detail_open'));
    const answers = await Promise.all(
      [batch, batch.toReversed(), batch, batch.toReversed()].map((b) => store.saveEvents(b, 'api')),
    );
    expect(answers.reduce((sum, { accepted }) => sum + accepted, 0)).toBe(200);
    expect(answers.reduce((sum, { duplicates }) => sum + duplicates, 0)).toBe(600);
  });

  test('a client clock more than a day off is replaced by the server clock, and kept beside it', async () => {
    await store.saveEvents([event('like', { ts: '2026-03-12T00:00:00Z' })], 'api');
    const row = await one<{ ts: Date; extra: unknown }>('SELECT ts, extra FROM events');
    expect(row).toEqual({ ts: NOW, extra: { tsClient: '2026-03-12T00:00:00Z' } });
  });

  test('history that is loaded on purpose keeps its times', async () => {
    await store.saveEvents([event('like', { ts: '1998-01-01T00:00:00Z' })], 'demo', { clock: 'given' });
    expect((await one<{ ts: Date }>('SELECT ts FROM events')).ts).toEqual(new Date('1998-01-01T00:00:00Z'));
  });

  test('the current rating is the newest, whatever order ratings arrive in', async () => {
    await store.saveEvents([event('rating', { value: 9, ts: '2026-03-10T10:00:00Z' })], 'api');
    await store.saveEvents([event('rating', { value: 2, ts: '2026-03-10T09:00:00Z' })], 'api');
    expect(await one('SELECT film_id, value FROM ratings')).toEqual({ film_id: 'f1', value: 9 });
  });
});

describe('films and profiles', () => {
  test('come back as they went in', async () => {
    const film = filmSchema.parse({
      filmId: '007',
      title: 'Le Samouraï, "remastered"',
      releaseYear: 1967,
      genres: ['Crime', 'Neo, noir'],
      certificates: { MPA: ['PG'] },
      runtimeMin: 105,
    });
    await store.upsertFilms([film]);
    const path = join(folder, 'films.csv');
    expect(await store.extractFilms(path)).toBe(1);
    expect(readFileSync(path, 'utf8').split('\n')[1]).toBe(
      '007,"Le Samouraï, ""remastered""",1967,"[""Crime"",""Neo, noir""]",[],[],105,"{""MPA"": [""PG""]}",[],[],"[""*""]",',
    );
    const profile = profileSchema.parse({
      profileId: 'kid',
      accountId: 'family',
      isKids: true,
      birthYear: 2018,
      createdAt: '2026-01-02T03:04:05.000Z',
    });
    await store.upsertProfiles([profile]);
    expect(await store.profile('kid')).toEqual(profile);
    expect(await store.profile('nobody')).toBeNull();
  });
});

describe('extractEvents', () => {
  const extract = async (since: Awaited<ReturnType<PostgresStore['extractEvents']>>['watermark'] | null) => {
    const path = join(folder, `${randomUUID()}.csv`);
    const { rows, watermark } = await store.extractEvents(since, path);
    const ids = readFileSync(path, 'utf8')
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.split(',')[0]);
    expect(ids).toHaveLength(rows);
    return { ids, watermark };
  };

  test('reads only what is new since the watermark', async () => {
    await store.saveEvents([event('like'), event('share')], 'api');
    const first = await extract(null);
    expect(first.ids).toHaveLength(2);
    expect((await extract(first.watermark)).ids).toEqual([]);
    const third = event('bookmark_add');
    await store.saveEvents([third], 'api');
    expect((await extract(first.watermark)).ids).toEqual([third.eventId]);
  });

  test('does not miss a transaction that began earlier and commits later', async () => {
    const start = await extract(null);
    const late = randomUUID();
    await client.query('BEGIN');
    await client.query(
      `INSERT INTO events (event_id, profile_id, film_id, type, ts, source) VALUES ($1, 'ann', 'f1', 'like', now(), 'late')`,
      [late],
    );
    const early = event('share');
    await store.saveEvents([early], 'api'); // a higher transaction id, committed first
    const during = await extract(start.watermark);
    expect(during.ids).not.toContain(late);
    await client.query('COMMIT');
    const after = await extract(during.watermark);
    expect(new Set([...during.ids, ...after.ids])).toEqual(new Set([early.eventId, late]));
    // The guard, shown to matter: a watermark of the greatest id seen would have lost the late row.
    const { behind } = await one<{ behind: boolean }>(
      `SELECT (SELECT ingest_xid FROM events WHERE source = 'late') < (SELECT ingest_xid FROM events WHERE source = 'api') AS behind`,
    );
    expect(behind).toBe(true);
  });

  test('another cluster means reading everything again', async () => {
    await store.saveEvents([event('like')], 'api');
    const { watermark } = await extract(null);
    expect((await extract({ ...watermark, system: 'elsewhere' })).ids).toHaveLength(1);
  });

  test('can be cancelled, and the store still works afterwards', async () => {
    await client.query(
      `INSERT INTO events (event_id, profile_id, film_id, type, ts, source)
       SELECT gen_random_uuid(), 'ann', 'f1', 'like', now(), 'bulk' FROM generate_series(1, 20000)`,
    );
    const controller = new AbortController();
    const copying = store.extractEvents(null, join(folder, 'cancelled.csv'), controller.signal);
    controller.abort();
    await expect(copying).rejects.toThrow();
    expect((await store.counts()).events).toBe(20_000);
  });
});

describe('bulk loads', () => {
  test('are idempotent and leave known certificates alone', async () => {
    const films = join(folder, 'load-films.csv');
    writeFileSync(
      films,
      'film_id,title,genres,certificates\nf1,Metropolis,"[""Drama""]","{""MPA"":[""PG""]}"\n',
    );
    expect(await store.loadFilms('shop', films)).toEqual({ read: 1, written: 1 });
    writeFileSync(films, 'film_id,title\nf1,Metropolis\n');
    await store.loadFilms('shop', films);
    expect(await one('SELECT certificates FROM films')).toEqual({ certificates: { MPA: ['PG'] } });

    const events = join(folder, 'load-events.csv');
    const lines = [4, 7].map((value) => `${randomUUID()},bob,f1,rating,1997-12-04T15:55:49Z,${value}`);
    writeFileSync(events, `event_id,profile_id,film_id,type,ts,value\n${lines.join('\n')}\n`);
    expect(await store.loadEvents('shop', events)).toEqual({ read: 2, written: 2 });
    expect(await store.loadEvents('shop', events)).toEqual({ read: 2, written: 0 });
  });

  test('refuse ids that another source holds, and write nothing', async () => {
    const path = join(folder, 'conflict.csv');
    writeFileSync(path, 'film_id,title\n1,Toy Story\n2,GoldenEye\n');
    await store.loadFilms('movielens-100k', path);
    writeFileSync(path, 'film_id,title\n2,Tillie\n3,Other\n');
    await expect(store.loadFilms('csv', path)).rejects.toThrow(SourceConflict);
    expect((await store.counts()).films).toBe(2);
  });

  test('an unknown column is refused by name', async () => {
    const path = join(folder, 'columns.csv');
    writeFileSync(path, 'film_id,titel\n1,Toy Story\n');
    await expect(store.loadFilms('csv', path)).rejects.toThrow('no column titel in films');
  });
});

test('a server that ends idle connections does not end the process', async () => {
  const lost: Error[] = [];
  const other = createOperationalStore(server.databaseUrl, { onConnectionLost: (error) => lost.push(error) });
  await other.counts();
  await client.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()`,
  );
  await expect.poll(() => lost.length).toBeGreaterThan(0);
  expect((await other.counts()).profiles).toBe(2);
  await other.close();
});
