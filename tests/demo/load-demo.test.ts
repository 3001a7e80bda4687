import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type LoadDemoOptions, loadDemo } from '../../src/cli/load-demo.js';
import type { Film, Profile, ViewerEvent } from '../../src/contracts/index.js';
import { AGES, PROJECT_ROOT } from '../simulator/demo-world.js';

/** A store that keeps what it is given, by id, as Postgres does. */
function memoryStore() {
  const films = new Map<string, Film>();
  const profiles = new Map<string, Profile>();
  const events = new Map<string, ViewerEvent>();
  const calls: { source: string; clock: string | undefined; size: number }[] = [];
  const store: LoadDemoOptions['store'] = {
    upsertFilms: async (given) => {
      for (const film of given) films.set(film.filmId, film);
      return given.length;
    },
    upsertProfiles: async (given) => {
      for (const profile of given) profiles.set(profile.profileId, profile);
      return given.length;
    },
    saveEvents: async (given, source, options) => {
      calls.push({ source, clock: options?.clock, size: given.length });
      const fresh = given.filter(({ eventId }) => !events.has(eventId));
      for (const event of fresh) events.set(event.eventId, event);
      return { accepted: fresh.length, duplicates: given.length - fresh.length, unknownUsers: [] };
    },
  };
  return { films, profiles, events, calls, store };
}

const NOW = new Date('2026-03-10T09:41:00Z');
const options = { projectRoot: PROJECT_ROOT, now: NOW, ages: AGES };

describe('loading the demo', () => {
  test('saves films, profiles, then events in batches of at most 5,000, with their own times and a telling source', async () => {
    const { films, profiles, events, calls, store } = memoryStore();
    const lines: string[] = [];
    const steps: string[] = [];
    const loaded = await loadDemo({
      ...options,
      store,
      log: (line) => lines.push(line),
      onProgress: ({ step, done, of }) => steps.push(`${step} ${done}/${of}`),
    });
    expect(loaded).toEqual({
      films: films.size,
      profiles: profiles.size - 1,
      events: events.size,
      written: events.size,
    });
    expect(profiles.size).toBe(3001);
    expect(profiles.has('nell')).toBe(true);
    expect([...events.values()].some(({ userId }) => userId === 'nell')).toBe(false);
    expect(
      calls.every(({ source, clock, size }) => source === 'simulator' && clock === 'given' && size <= 5000),
    ).toBe(true);
    expect(lines).toEqual([
      `demo: ${films.size} films; 3000 simulated viewers, ${events.size} simulated events of 60 days`,
    ]);
    expect(steps[0]).toBe(`films ${films.size}/${films.size}`);
    expect(steps[1]).toBe('profiles 3000/3000');
    expect(steps.at(-1)).toBe('events 3000/3000');
    const times = [...events.values()].map(({ ts }) => ts).sort();
    expect(times[0]! >= '2026-01-09T00:00' && times.at(-1)! < '2026-03-10T00:00').toBe(true);
    const orphans = [...events.values()].filter(
      ({ userId, movieId = '' }) => !profiles.has(userId) || !films.has(movieId),
    );
    expect(orphans).toEqual([]);
  });

  test('loading again on the same day writes nothing new', async () => {
    const { events, store } = memoryStore();
    const first = await loadDemo({ ...options, store });
    const again = await loadDemo({ ...options, now: new Date('2026-03-10T23:59:59Z'), store });
    expect(again).toEqual({ ...first, written: 0 });
    expect(events.size).toBe(first.events);
  });

  test('with a bulk loader the same events go through one CSV file, which is gone afterwards', async () => {
    const { events, store } = memoryStore();
    await loadDemo({ ...options, store });
    const copied: { path: string; rows: string[][] }[] = [];
    const bulk: NonNullable<LoadDemoOptions['bulk']> = {
      loadEvents: async (source, path) => {
        expect(source).toBe('simulator');
        const rows = readFileSync(path, 'utf8')
          .trimEnd()
          .split('\n')
          .map((line) => line.split(','));
        copied.push({ path, rows });
        return { read: rows.length - 1, written: rows.length - 1 };
      },
    };
    const untouched = memoryStore();
    const loaded = await loadDemo({ ...options, store: untouched.store, bulk });
    expect(untouched.calls).toEqual([]);
    expect(loaded).toEqual(expect.objectContaining({ events: events.size, written: events.size }));
    const [file] = copied;
    const [header = [], ...rows] = file?.rows ?? [];
    expect(existsSync(file!.path)).toBe(false);
    const at = (name: string) => header.indexOf(name);
    expect(rows.length).toBe(events.size);
    const cell = (value: string | number | undefined) => (value === undefined ? '' : String(value));
    const wrong = rows.filter((row) => {
      const event = events.get(row[at('event_id')] ?? '');
      return (
        row.length !== header.length ||
        row[at('profile_id')] !== event?.userId ||
        row[at('film_id')] !== event?.movieId ||
        row[at('type')] !== event?.type ||
        row[at('ts')] !== event?.ts ||
        row[at('to_ms')] !== cell(event?.toSec === undefined ? undefined : event.toSec * 1000) ||
        row[at('value')] !== cell(event?.value)
      );
    });
    expect(wrong).toEqual([]);
  });

  test('a bulk loader that fails leaves no file behind, and its error is heard', async () => {
    let path = '';
    const bulk = {
      loadEvents: (_: string, csvPath: string) => {
        path = csvPath;
        return Promise.reject(new Error('COPY failed'));
      },
    };
    await expect(loadDemo({ ...options, store: memoryStore().store, bulk })).rejects.toThrow('COPY failed');
    expect(path).not.toBe('');
    expect(existsSync(path)).toBe(false);
  });
});

describe('a broken installation', () => {
  let root = '';
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'matinee-broken-demo-'));
    await mkdir(join(root, 'demo'));
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  test('without films is refused', async () => {
    await expect(loadDemo({ ...options, projectRoot: root, store: memoryStore().store })).rejects.toThrow(
      /demo holds no \.ndjson file: is the installation complete\?/,
    );
  });

  test('with a bad line nothing is written', async () => {
    await writeFile(join(root, 'demo', 'films.ndjson'), '{"filmId":"m-1931"}\n');
    const { films, store } = memoryStore();
    await expect(loadDemo({ ...options, projectRoot: root, store })).rejects.toThrow(
      'demo/films.ndjson:1: title: ',
    );
    expect(films.size).toBe(0);
  });
});
