import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { Session } from '../../src/activities/deps.js';
import { check } from '../../src/activities/extract.js';
import { countRefused, dropDuplicates } from '../../src/activities/extract-segments.js';
import { createDatasets } from '../../src/adapters/datasets/datasets.js';
import { splitLine } from '../../src/adapters/datasets/tables.js';
import { createWarehouse } from '../../src/adapters/duckdb/warehouse.js';
import { EVENT_TYPES, type FileSource, fileSourceSchema } from '../../src/contracts/index.js';
import { pidOf } from '../../src/core/identity/pid.js';

const folder = mkdtempSync(join(tmpdir(), 'matinee-datasets-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const warehouse = createWarehouse({ models: 'warehouse', memoryLimit: '1GB', threads: 2 });
const datasets = createDatasets(folder);
const key = { version: 1, key: Buffer.alloc(32, 7) };

interface Checked {
  user: string;
  film_id: string | null;
  type: string;
  ts: string;
  value: number | null;
  reasons: string[];
  fields: string | null;
  extra: string | null;
}
interface Read {
  rows: Checked[];
  rejects: { line: string; raw: string; reason: string }[];
  byReason: Record<string, number>;
  duplicates: number;
  unknown: string[];
}

/** Writes `content` to a file and reads it as a source of events; films 1 (100 min) and 2 (no runtime), viewers ann, Zoë. */
async function read(
  content: string | Buffer,
  source: Partial<FileSource>,
  more?: (s: Session) => Promise<void>,
): Promise<Read> {
  const path = join(folder, `source-${Math.abs(Buffer.from(content).readInt32LE(0))}`);
  writeFileSync(path, content);
  const full = fileSourceSchema.parse({ name: 'shop', format: 'csv', glob: path, ...source });
  return warehouse.session(async (session) => {
    await session.usePidKey(key);
    await session.set('now', '2026-03-10 12:00:00', 'TIMESTAMP');
    await session.set('event_types', [...EVENT_TYPES]);
    await session.set('source_name', full.name);
    await session.set('default_type', full.type ?? null, 'VARCHAR');
    await session.set('value_scale', 1, 'DOUBLE');
    await session.run(
      `CREATE TEMP TABLE films_now AS SELECT * FROM (VALUES ('1', 100), ('2', NULL)) t (film_id, runtime_min)`,
    );
    await session.run(
      `CREATE TEMP TABLE viewers_now AS SELECT u AS user_id, pid_of(u) AS pid FROM unnest(['ann', 'Zoë']) t (u)`,
    );
    await more?.(session);
    const unknown = await datasets.open(session, full, path);
    await check(session, 'file_events');
    const { byReason } = await countRefused(session);
    return {
      unknown,
      byReason,
      rows: await session.rows<Checked>(
        `SELECT user_id AS "user", film_id, type, ts::VARCHAR AS ts, value, reasons, fields, extra FROM checked ORDER BY rowid`,
      ),
      rejects: await session.rows('FROM source_rejects ORDER BY line'),
      duplicates: await dropDuplicates(session),
    };
  });
}

const HEADER = 'user_id,film_id,type,ts,value,from_ms,to_ms';

describe('a dirty CSV file', () => {
  test.each([
    ['rating 0 on a scale of 1 to 10', 'ann,1,rating,2026-03-01T10:00:00Z,0,,', ['value:out-of-range']],
    ['rating 11', 'ann,1,rating,2026-03-01T10:00:00Z,11,,', ['value:out-of-range']],
    ['half a star', 'ann,1,rating,2026-03-01T10:00:00Z,7.5,,', ['value:invalid']],
    ['a rating without a value', 'ann,1,rating,2026-03-01T10:00:00Z,,,', ['value:missing']],
    ['an unknown film', 'ann,99,like,2026-03-01T10:00:00Z,,,', ['film:unknown']],
    ['no film', 'ann,,like,2026-03-01T10:00:00Z,,,', ['film:missing']],
    ['an unknown viewer', 'eve,1,like,2026-03-01T10:00:00Z,,,', ['user:unknown']],
    ['no viewer', ',1,like,2026-03-01T10:00:00Z,,,', ['user:missing']],
    ['a time in the future', 'ann,1,like,2026-03-11T12:00:01Z,,,', ['ts:future']],
    ['a broken clock', 'ann,1,like,0,,,', ['ts:too-old']],
    ['a time in words', 'ann,1,like,yesterday,,,', ['ts:invalid']],
    [
      'watching past the runtime',
      'ann,1,play_heartbeat,2026-03-01T10:00:00Z,,0,9600001',
      ['watch:over-runtime'],
    ],
    ['watching backwards', 'ann,1,play_end,2026-03-01T10:00:00Z,,5000,4000', ['watch:backwards']],
    ['a heartbeat without its interval', 'ann,1,play_heartbeat,2026-03-01T10:00:00Z,,,', ['watch:missing']],
    [
      'a heartbeat without its beginning',
      'ann,1,play_heartbeat,2026-03-01T10:00:00Z,,,60',
      ['watch:missing'],
    ],
    ['a heartbeat without its end', 'ann,1,play_heartbeat,2026-03-01T10:00:00Z,,0,', ['watch:missing']],
    ['a heartbeat from nowhere', 'ann,1,play_heartbeat,2026-03-01T10:00:00Z,,x,60', ['watch:invalid']],
    ['half the interval of an end', 'ann,1,play_end,2026-03-01T10:00:00Z,,,60', ['watch:missing']],
    ['an unknown type', 'ann,1,wink,2026-03-01T10:00:00Z,,,', ['type:unknown']],
    [
      'several faults',
      ',99,rating,soon,0,,',
      ['user:missing', 'ts:invalid', 'film:unknown', 'value:out-of-range'],
    ],
  ])('%s is refused with its reason', async (_name, line, reasons) => {
    const { rows } = await read(`${HEADER}\n${line}\n`, {});
    expect(rows.map((row) => row.reasons)).toEqual([reasons]);
    expect(JSON.parse(rows[0]?.fields ?? '')).toMatchObject({ film_id: line.split(',')[1] || null });
    expect(rows[0]?.fields).not.toContain('user');
  });

  test.each([
    ['the last allowed second', 'ann,1,like,2026-03-11T12:00:00Z,,,'],
    [
      'watching up to 1.5 x the runtime and ten minutes',
      'ann,1,play_heartbeat,2026-03-01T10:00:00Z,,0,9600000',
    ],
    ['a film without a runtime', 'ann,2,play_heartbeat,2026-03-01T10:00:00Z,,0,99600000'],
    ['unix seconds', 'Zoë,1,rating,1772359200,10,,'],
    ['an end that says no interval', 'ann,1,play_end,2026-03-01T10:00:00Z,,,'],
    ['a scroll without a film', 'ann,,scroll,2026-03-01,,,'],
  ])('%s is good', async (_name, line) => {
    const { rows } = await read(`${HEADER}\n${line}\n`, {});
    expect(rows.map((row) => row.reasons)).toEqual([[]]);
    expect(rows[0]?.fields).toBeNull();
  });

  test('lines that cannot be split are kept with line number and text', async () => {
    const { rows, rejects, byReason } = await read(
      `${HEADER}\nann,1,like,2026-03-01T10:00:00Z,,,\nann,1,li\nann,1,like,2026-03-01T10:00:00Z,,,,x\n`,
      {},
    );
    expect(rows).toHaveLength(1);
    expect(rejects).toEqual([
      { line: '3', raw: 'ann,1,li', reason: 'line:truncated' },
      { line: '4', raw: 'ann,1,like,2026-03-01T10:00:00Z,,,,x', reason: 'line:too-many-columns' },
    ]);
    expect(byReason).toEqual({ 'line:truncated': 1, 'line:too-many-columns': 1 });
  });

  test('Latin-1 is read when declared, and refused by name when not', async () => {
    const latin = Buffer.from(`${HEADER}\nZoë,1,like,2026-03-01T10:00:00Z,,,\n`, 'latin1');
    expect((await read(latin, { encoding: 'latin-1' })).rows.map((row) => row.user)).toEqual(['Zoë']);
    expect((await read(latin, {})).byReason).toEqual({ 'line:not-utf-8': 1 });
  });

  test('a repeated event is counted, not refused', async () => {
    const line = 'ann,1,like,2026-03-01T10:00:00Z,,,';
    const { rows, duplicates } = await read(`${HEADER}\n${line}\n${line}\n`, {});
    expect([rows.length, duplicates]).toEqual([2, 1]);
    expect(rows.every((row) => row.reasons.length === 0)).toBe(true);
  });

  test('a new column is kept as JSON and reported', async () => {
    const { rows, unknown } = await read(
      `mood,user_id,film_id,type,ts,"sea ""side"""\nhappy,ann,1,like,2026-03-01T10:00:00Z,yes\n`,
      {},
    );
    expect(unknown).toEqual(['mood', 'sea "side"']);
    expect(JSON.parse(rows[0]?.extra ?? '')).toEqual({ mood: 'happy', 'sea "side"': 'yes' });
  });
});

describe('columns', () => {
  test('are mapped, with another delimiter and a type for all rows', async () => {
    const { rows } = await read('who;what;stars;at\nann;2;9;1772359200000\n', {
      delimiter: ';',
      type: 'rating',
      columns: { user_id: 'who', film_id: 'what', value: 'stars', ts: 'at' },
    });
    expect(rows[0]).toMatchObject({
      user: 'ann',
      film_id: '2',
      type: 'rating',
      value: 9,
      ts: '2026-03-01 10:00:00',
    });
  });

  test.each([
    [{ columns: { user_id: 'who' } }, 'columns.user_id names "who", which is not there'],
    [{ columns: { usr: 'user' } }, 'columns.usr is not one of ours'],
    [{}, 'no column for user_id; name theirs in columns.user_id'],
  ])('a mapping that does not fit is an error that says what is there', async (source, message) => {
    const reading = read('viewer,film_id,type,ts\nann,1,like,2026-03-01\n', source);
    await expect(reading).rejects.toThrow(message);
    await expect(reading).rejects.toThrow('has the columns viewer, film_id, type, ts');
  });

  test('a name that looks like SQL stays a name', async () => {
    const evil = `x"'); DROP TABLE films_now; --`;
    const { unknown, rows } = await read(
      `user_id,film_id,type,ts,${evil.replaceAll(',', '')}\nann,1,like,2026-03-01,boo\n`,
      { columns: {} },
    );
    expect(unknown).toHaveLength(1);
    expect(rows[0]?.reasons).toEqual([]);
  });
});

describe('other formats', () => {
  test('NDJSON: objects with different keys, a torn line, a line that is no object', async () => {
    const lines = [
      '{"user_id":"ann","film_id":"1","type":"rating","ts":"2026-03-01T10:00:00Z","value":9}',
      '{"user_id":"ann","film_id":"1","type":"like","ts":"2026-03-01T10:00:00Z","mood":{"a":[1]}}',
      '{"user_id":"ann","film_id":"1","ty',
      '[1,2]',
      '{"user_id":"ann","film_id":"9","type":"like","ts":"2026-03-01T10:00:00Z"}',
    ];
    const { rows, rejects, unknown } = await read(`${lines.join('\n')}\n`, { format: 'ndjson' });
    expect(rows.map(({ value, extra, reasons }) => ({ value, extra, reasons }))).toEqual([
      { value: 9, extra: null, reasons: [] },
      { value: null, extra: '{"mood":{"a":[1]}}', reasons: [] },
      { value: null, extra: null, reasons: ['film:unknown'] },
    ]);
    expect(rows[2]?.fields).toBe('{"film_id":"9","type":"like","ts":"2026-03-01T10:00:00Z"}');
    expect(unknown).toEqual(['mood']);
    expect(rejects.map(({ line, reason }) => [line, reason])).toEqual([
      ['3', 'line:truncated'],
      ['4', 'line:truncated'],
    ]);
  });

  test('Parquet: typed columns are read as text', async () => {
    const path = join(folder, 'typed.parquet');
    await warehouse.session((session) =>
      session.copy(
        `SELECT 'ann' AS user_id, 1 AS film_id, 'rating' AS type, TIMESTAMPTZ '2026-03-01 10:00:00+00' AS ts, 7::TINYINT AS value, ['a', 'b'] AS tags`,
        path,
      ),
    );
    const { readFileSync } = await import('node:fs');
    const { rows, unknown } = await read(readFileSync(path), { format: 'parquet' });
    expect(rows[0]).toMatchObject({ film_id: '1', value: 7, ts: '2026-03-01 10:00:00', reasons: [] });
    expect(unknown).toEqual(['tags']);
    expect(JSON.parse(rows[0]?.extra ?? '')).toEqual({ tags: '["a","b"]' });
  });
});

test('pids are those of the one key, and rows without an event id get the same one each time', async () => {
  const ids: string[] = [];
  const line = `${HEADER}\nann,1,like,2026-03-01T10:00:00Z,,,\n`;
  for (let run = 0; run < 2; run++) {
    await warehouse.session(async (session) => {
      const path = join(folder, 'ids.csv');
      writeFileSync(path, line);
      await session.usePidKey(key);
      await session.set('now', '2026-03-10 12:00:00', 'TIMESTAMP');
      await session.set('event_types', [...EVENT_TYPES]);
      await session.set('source_name', 'shop');
      await session.set('default_type', null, 'VARCHAR');
      await session.set('value_scale', 1, 'DOUBLE');
      await session.run(`CREATE TEMP TABLE films_now AS SELECT '1' AS film_id, NULL::INTEGER AS runtime_min`);
      await session.run(`CREATE TEMP TABLE viewers_now AS SELECT 'ann' AS user_id, pid_of('ann') AS pid`);
      await datasets.open(session, fileSourceSchema.parse({ name: 'shop', format: 'csv', glob: path }), path);
      await check(session, 'file_events');
      const [row] = await session.rows<{ pid: string; event_id: string }>(
        'SELECT pid::VARCHAR AS pid, event_id::VARCHAR AS event_id FROM checked',
      );
      expect(row?.pid).toBe(pidOf(key.key, 'ann'));
      ids.push(row?.event_id ?? '');
    });
  }
  expect(ids[0]).toBe(ids[1]);
});

test('a header is split as CSV is', () => {
  expect(splitLine('a,"b,c","d""e",', ',', true)).toEqual(['a', 'b,c', 'd"e', '']);
  expect(splitLine('a::"b::c', '::', false)).toEqual(['a', '"b', 'c']);
});
