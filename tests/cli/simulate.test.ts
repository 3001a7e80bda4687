import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { BulkLoads } from '../../src/adapters/postgres/operational-store.js';
import { createDatasets } from '../../src/adapters/datasets/datasets.js';
import { createWarehouse } from '../../src/adapters/duckdb/warehouse.js';
import { audienceOf, endOf, lastDay, sourceOf } from '../../src/cli/simulate/plan.js';
import { progressLine } from '../../src/cli/simulate/progress.js';
import { type FileFormat, writeFiles } from '../../src/cli/simulate/to-files.js';
import { loadSimulated } from '../../src/cli/simulate/to-store.js';
import { openTruth } from '../../src/cli/simulate/truth-files.js';
import { configSchema, isFileSource } from '../../src/contracts/index.js';
import { simulateAudience } from '../../src/simulator/index.js';

const config = configSchema.parse({});
const plan = {
  viewers: 120,
  films: 60,
  days: 20,
  seed: 3,
  variant: 'dot-product',
  from: '2026-01-05',
} as const;
const audience = audienceOf(plan, config.ages, new Date('2026-11-01T12:00:00Z'));
const expected = [...simulateAudience(audience).events()].flat();
const warehouse = createWarehouse({ models: 'warehouse', memoryLimit: '1GB', threads: 1 });

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'matinee-simulate-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const write = async (format: FileFormat, withExposures = false) =>
  writeFiles({
    folder: join(folder, 'out'),
    format,
    audience: { ...audience, batchSize: 300 },
    truth: await openTruth(join(folder, 'truth'), withExposures),
    inSession: (work) => warehouse.session(work),
    onViewer: () => undefined,
    eventsPerFile: 1000,
  });

describe('files', () => {
  test.each(['parquet', 'ndjson', 'csv'] as const)(
    '%s: the sources of the config read every film, profile and event, in several files',
    async (format) => {
      const written = await write(format);
      expect(written).toMatchObject({ films: 60, viewers: 120, events: expected.length });
      const { sources } = configSchema.parse(parse(readFileSync(written.config, 'utf8')));
      const datasets = createDatasets();
      const rows: Record<string, Record<string, string | null>[]> = {};
      await warehouse.session(async (session) => {
        for (const source of sources.filter(isFileSource)) {
          const files = await datasets.match(session, source);
          for (const { path } of files) {
            expect(await datasets.open(session, source, path)).toEqual([]);
            rows[source.kind] = [
              ...(rows[source.kind] ?? []),
              ...(await session.rows('FROM source_rows')),
            ] as never;
          }
        }
      });
      expect(readdirSync(join(folder, 'out', 'events')).length).toBeGreaterThan(1);
      expect(rows['films']).toHaveLength(60);
      expect(rows['films']![0]).toMatchObject({ title: audience.films[0]!.film.title });
      expect(rows['profiles']!.map((row) => row['user_id'])).toContain('sim-000001-1');
      const found = new Map(rows['events']!.map((row) => [row['event_id'], row]));
      expect(found.size).toBe(expected.length);
      for (const event of expected) {
        const row = found.get(event.eventId)!;
        expect(row).toMatchObject({ user_id: event.userId, film_id: event.movieId, type: event.type });
        expect(Date.parse(row['ts'] ?? '')).toBe(Date.parse(event.ts));
        expect(row['value'] || undefined).toBe(event.value?.toString());
        expect(row['to_ms'] || undefined).toBe(
          event.toSec === undefined ? undefined : String(event.toSec * 1000),
        );
      }
    },
  );

  test('the truth lies apart: tastes, hazards, and propensities when asked for', async () => {
    await write('csv', true);
    const truth = (name: string) =>
      readFileSync(join(folder, 'truth', `${name}.ndjson`), 'utf8')
        .trim()
        .split('\n');
    expect(truth('viewers')).toHaveLength(120);
    expect(JSON.parse(truth('viewers')[0]!)).toMatchObject({ user_id: 'sim-000001-1' });
    expect(truth('films')).toHaveLength(60);
    const exposures = truth('exposures').map(
      (line) => JSON.parse(line) as { is_played: boolean; play: number },
    );
    const plays = expected.filter(({ type }) => type === 'play_start').length;
    expect(exposures.filter(({ is_played }) => is_played).length).toBeGreaterThanOrEqual(plays);
    expect(exposures.every(({ play }) => play > 0 && play < 1)).toBe(true);
    const out = readdirSync(join(folder, 'out'), { recursive: true, encoding: 'utf8' });
    expect(out.filter((name) => /truth|taste|hazard/.test(name))).toEqual([]);
  });

  test('a folder that holds something is left alone', async () => {
    await mkdir(join(folder, 'out'));
    await writeFile(join(folder, 'out', 'mine.txt'), 'mine');
    await expect(write('csv')).rejects.toThrow(/holds mine\.txt already: give --out an empty folder/);
    expect(readdirSync(join(folder, 'out'))).toEqual(['mine.txt']);
  });
});

describe('the operational store', () => {
  const fake = (held: { table: 'films'; source: string } | null = null) => {
    const loads: { table: string; source: string; lines: string[] }[] = [];
    const load = (table: string) => (source: string, path: string) => {
      const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
      loads.push({ table, source, lines });
      return Promise.resolve({ read: lines.length - 1, written: lines.length - 1 });
    };
    const store: BulkLoads = {
      loadFilms: load('films'),
      loadProfiles: load('profiles'),
      loadEvents: load('events'),
      sourceOtherThan: () => Promise.resolve(held),
    };
    return { store, loads };
  };
  const options = {
    source: 'simulator seed 3',
    audience,
    truth: null,
    mayMix: false,
    onViewer: () => undefined,
  };

  test('is filled part after part, each with a header, and nothing twice', async () => {
    const { store, loads } = fake();
    const loaded = await loadSimulated({ ...options, store, rowsPerLoad: 700 });
    expect(loaded).toEqual({ films: 60, viewers: 120, events: expected.length, written: expected.length });
    const parts = loads.filter(({ table }) => table === 'events');
    expect(parts.length).toBe(Math.ceil(expected.length / 700));
    for (const { lines, source } of parts) {
      expect(lines[0]).toMatch(/^event_id,profile_id,film_id,type,ts,/);
      expect(lines.length).toBeLessThanOrEqual(701);
      expect(source).toBe('simulator seed 3');
    }
    const ids = parts.flatMap(({ lines }) => lines.slice(1).map((line) => line.split(',')[0]));
    expect(ids).toEqual(expected.map(({ eventId }) => eventId));
  });

  test('with real data in it is refused, unless the user says so', async () => {
    const { store, loads } = fake({ table: 'films', source: 'movielens' });
    await expect(loadSimulated({ ...options, store })).rejects.toThrow(
      /holds films of "movielens", which are not simulated: use a home of their own.*--mix/,
    );
    expect(loads).toEqual([]);
    await loadSimulated({ ...options, store, mayMix: true });
    expect(loads.length).toBeGreaterThan(2);
  });

  test('a load that fails leaves no file behind', async () => {
    let path = '';
    const { store } = fake();
    store.loadProfiles = (_, csv) => {
      path = csv;
      return Promise.reject(new Error('COPY failed'));
    };
    await expect(loadSimulated({ ...options, store })).rejects.toThrow('COPY failed');
    expect(existsSync(path)).toBe(false);
  });
});

describe('the plan', () => {
  test('the period ends after its last day, or at the last midnight', () => {
    const now = new Date('2026-11-01T12:00:00Z');
    expect(endOf({ from: '2026-01-05', days: 20 }, now).toISOString()).toBe('2026-01-25T00:00:00.000Z');
    expect(endOf({ days: 20 }, now).toISOString()).toBe('2026-11-01T00:00:00.000Z');
    expect(lastDay(new Date('2026-11-01T00:00:00Z'))).toBe('2026-10-31');
  });

  test('two audiences that differ in what their ids mean have different sources', () => {
    const until = new Date('2026-01-25T00:00:00Z');
    const source = sourceOf(plan, until);
    expect(source).toBe('simulator seed 3, 60 films, 20 days to 2026-01-24, dot-product');
    for (const other of [{ seed: 4 }, { films: 61 }, { days: 21 }, { variant: 'non-linear' as const }])
      expect(sourceOf({ ...plan, ...other }, until)).not.toBe(source);
  });

  test('progress says what is done, how fast, and how long it takes', () => {
    expect(progressLine({ done: 250, of: 1000, events: 12_500, elapsedMs: 5000 })).toBe(
      '250 of 1,000 viewers, 12,500 events, 2,500 a second, 15 s left',
    );
    expect(progressLine({ done: 1000, of: 1_000_000, events: 50_000, elapsedMs: 500 })).toContain(
      '9 min left',
    );
  });
});
