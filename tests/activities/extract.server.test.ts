import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { extractSources } from '../../src/activities/extract.js';
import { type FileSource, fileSourceSchema } from '../../src/contracts/index.js';
import { pidOf } from '../../src/core/identity/pid.js';
import {
  context,
  event,
  type ExtractionBench,
  night,
  pidKey,
  rawRows,
  startExtractionBench,
  listed,
} from '../support/extraction.js';

let bench: ExtractionBench;
let store: ExtractionBench['store'];
let depsWith: ExtractionBench['depsWith'];
let root: string;
beforeAll(async () => {
  bench = await startExtractionBench();
  ({ store, depsWith } = bench);
});
afterAll(() => bench.stop());
beforeEach(async () => {
  await bench.reset();
  root = bench.root();
});

describe('the operational store', () => {
  test('becomes segments of what is new, with pids only', async () => {
    const deps = depsWith();
    await store.saveEvents([event('rating'), event('like', { userId: 'bob' })], 'api');
    const first = await extractSources(deps, night('2026-03-10'), context());
    expect(first).toMatchObject({ extracted: 2, quarantined: { total: 0, byReason: {} }, newColumns: [] });
    const { segments } = await listed(deps, first.segments);
    expect(segments).toHaveLength(1);
    const rows = await rawRows(deps, first.segments);
    expect(new Set(rows.map(({ pid }) => pid))).toEqual(
      new Set([pidOf(pidKey.key, 'ann'), pidOf(pidKey.key, 'bob')]),
    );
    const manifest = await deps.artifacts.read(segments[0] ?? '');
    expect(manifest?.facts).toMatchObject({ source: 'postgres', days: { '2026-03-10': 2 } });

    const second = await extractSources(deps, night('2026-03-11'), context());
    expect(second).toMatchObject({ extracted: 0 });
    expect(await listed(deps, second.segments)).toEqual({ segments, suspects: [] });
    await store.saveEvents([event('share')], 'api');
    const third = await extractSources(deps, night('2026-03-12'), context());
    expect(third.extracted).toBe(1);
    expect(await rawRows(deps, third.segments)).toHaveLength(3);
  });

  test('what viewers excluded goes into the night, what they took back does not', async () => {
    const deps = depsWith();
    await store.exclude('ann', 'f2', 'not_interested');
    await store.exclude('ann', 'f1', 'not_interested');
    await store.exclude('ann', 'f1', 'dont_use');
    await store.exclude('bob', 'f1', 'dont_use');
    await store.undoExclusion('bob', 'f1', 'dont_use');
    const { viewers } = await extractSources(deps, night('2026-03-10'), context());
    const rows = await deps.warehouse.session((s) =>
      s.rows<{ pid: string }>('SELECT pid, not_interested, dont_use FROM read_parquet($f)', {
        f: deps.artifacts.path(`${viewers.uri}/viewers.parquet`),
      }),
    );
    const wishes = new Map(rows.map(({ pid, ...wish }) => [pid, wish]));
    expect(wishes.get(pidOf(pidKey.key, 'ann'))).toEqual({ not_interested: ['f1', 'f2'], dont_use: ['f1'] });
    expect(wishes.get(pidOf(pidKey.key, 'bob'))).toEqual({ not_interested: [], dont_use: [] });
  });

  test('films and viewers of the run are complete and hold no operational id of a viewer', async () => {
    const deps = depsWith();
    const { films, viewers } = await extractSources(deps, night('2026-03-10'), context());
    const read = <T>(uri: string, select: string) =>
      deps.warehouse.session((s) =>
        s.rows<T>(`SELECT ${select} FROM read_parquet($f)`, { f: deps.artifacts.path(uri) }),
      );
    expect(await read(`${films.uri}/films.parquet`, 'film_id, release_year, certificates, markets')).toEqual([
      { film_id: 'f1', release_year: 1927, certificates: '{}', markets: ['*'] },
      { film_id: 'f2', release_year: null, certificates: '{"BBFC": ["PG"]}', markets: ['*'] },
    ]);
    const rows = await read<{ pid: string }>(`${viewers.uri}/viewers.parquet`, '*');
    const ann = pidOf(pidKey.key, 'ann');
    expect(rows).toHaveLength(2);
    expect(rows.find(({ pid }) => pid === ann)).toMatchObject({
      bucket: Number.parseInt(ann.slice(0, 4), 16) % 16,
      birth_year: 1980,
      is_kids: false,
      consent: 31,
      market: 'default',
    });
    expect(JSON.stringify(rows)).not.toMatch(/"(ann|bob)"/);
  });

  test('two extractions at once neither lose nor double rows', async () => {
    const deps = depsWith();
    await store.saveEvents(
      Array.from({ length: 50 }, () => event('detail_open')),
      'api',
    );
    const nights = ['2026-03-08', '2026-03-09', '2026-03-10'].map((date) =>
      extractSources(deps, night(date), context()),
    );
    await Promise.all(nights);
    const { segments } = await extractSources(deps, night('2026-03-11'), context());
    expect(await rawRows(deps, segments)).toHaveLength(50);
  });

  test('an attempt that died after its segment reports the whole run when it is resumed', async () => {
    const deps = depsWith();
    await store.saveEvents([event('like'), event('like', { movieId: 'gone' })], 'api');
    const broken = {
      ...deps,
      datasets: { ...deps.datasets, match: () => Promise.reject(new Error('disk')) },
    };
    broken.config = {
      ...deps.config,
      sources: [fileSourceSchema.parse({ name: 'shop', format: 'csv', glob: '*.csv' })],
    };
    await expect(extractSources(broken, night('2026-03-10'), context())).rejects.toThrow('disk');
    const resumed = await extractSources(deps, night('2026-03-10'), context());
    expect(resumed).toMatchObject({
      extracted: 1,
      quarantined: { total: 1, byReason: { 'film:unknown': 1 } },
    });
  });

  test('cancellation ends a wait for another extraction', async () => {
    const deps = depsWith();
    const controller = new AbortController();
    await store.exclusively('matinee/extract', async () => {
      const waiting = extractSources(deps, night('2026-03-10'), context(controller.signal));
      controller.abort(new Error('stop'));
      await expect(waiting).rejects.toThrow('stop');
    });
    expect((await extractSources(deps, night('2026-03-10'), context())).extracted).toBe(0);
  });
});

describe('files', () => {
  const source = (more: Partial<FileSource> = {}) =>
    fileSourceSchema.parse({ name: 'shop', format: 'csv', glob: 'shop-*.csv', type: 'rating', ...more });
  const HEADER = 'user_id,film_id,ts,value\n';

  test('are read once by content, changed files again, and repeats do not double events', async () => {
    const deps = depsWith([source()]);
    const path = join(root, 'shop-1.csv');
    writeFileSync(path, `${HEADER}ann,f1,2026-03-01T10:00:00Z,8\nbob,f2,2026-03-02T10:00:00Z,3\n`);
    const first = await extractSources(deps, night('2026-03-10'), context());
    expect(first.extracted).toBe(2);
    writeFileSync(
      join(root, 'shop-copy.csv'),
      `${HEADER}ann,f1,2026-03-01T10:00:00Z,8\nbob,f2,2026-03-02T10:00:00Z,3\n`,
    );
    expect((await extractSources(deps, night('2026-03-11'), context())).extracted).toBe(0);
    appendFileSync(path, 'ann,f2,2026-03-03T10:00:00Z,9\n');
    const third = await extractSources(deps, night('2026-03-12'), context());
    const rows = await rawRows(deps, third.segments);
    expect([rows.length, new Set(rows.map((row) => row.event_id)).size]).toEqual([5, 3]);
  });

  test('a poisoned file: bad rows are quarantined and counted, its new column is kept and reported once', async () => {
    const deps = depsWith([source()]);
    writeFileSync(
      join(root, 'shop-1.csv'),
      `${HEADER.trim()},mood\n` +
        'ann,f1,2026-03-01T10:00:00Z,8,happy\n' +
        'ann,f1,2026-03-01T10:00:00Z,8,happy\n' + // repeated
        'ann,f2,2026-03-01T10:00:00Z,0,sad\n' +
        'ann,f99,2026-03-01T10:00:00Z,5,\n' +
        'ann,f1,2036-03-01T10:00:00Z,5,\n' +
        'ann,f1\n',
    );
    const result = await extractSources(deps, night('2026-03-10'), context());
    expect(result).toMatchObject({
      extracted: 1,
      quarantined: {
        total: 4,
        byReason: { 'film:unknown': 1, 'line:truncated': 1, 'ts:future': 1, 'value:out-of-range': 1 },
      },
      newColumns: ['shop.mood'],
    });
    expect((await rawRows(deps, result.segments))[0]?.extra).toBe('{"mood":"happy"}');
    writeFileSync(join(root, 'shop-2.csv'), `${HEADER.trim()},mood\nbob,f1,2026-03-02T10:00:00Z,8,happy\n`);
    expect((await extractSources(deps, night('2026-03-11'), context())).newColumns).toEqual([]);
  });

  test('of films and profiles join the catalogue; the store wins', async () => {
    writeFileSync(
      join(root, 'films.csv'),
      'film_id,title,release_year,genres,certificates,shelf\nf1,Impostor,1999,,,\nf9,M,1931,Crime|Drama,PG,a\n,No id,1931,,,\nf10,No year,,,,\nf11,Bad,soon,,,\n',
    );
    writeFileSync(join(root, 'people.ndjson'), '{"user_id":"cat","birth_year":2020,"consent":1}\n');
    writeFileSync(join(root, 'shop-1.csv'), `${HEADER}cat,f9,2026-03-01T10:00:00Z,8\n`);
    const deps = depsWith([
      source(),
      source({ name: 'films', kind: 'films', glob: 'films.csv' }),
      source({ name: 'people', kind: 'profiles', format: 'ndjson', glob: 'people.ndjson' }),
    ]);
    const result = await extractSources(deps, night('2026-03-10'), context());
    expect(result).toMatchObject({
      extracted: 1,
      films: { rows: 4 },
      viewers: { rows: 3 },
      quarantined: { total: 2, byReason: { 'film:missing': 1, 'year:invalid': 1 } },
      newColumns: ['films.shelf'],
    });
    const titles = await deps.warehouse.session((session) =>
      session.rows<{ title: string }>('SELECT title FROM read_parquet($f) ORDER BY film_id', {
        f: deps.artifacts.path(`${result.films.uri}/films.parquet`),
      }),
    );
    expect(titles.map(({ title }) => title)).toEqual(['Metropolis', 'No year', 'Nosferatu', 'M']);
  });
});
