import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { setPidKey } from '../../src/adapters/duckdb/pid-variables.js';
import { createWarehouse } from '../../src/adapters/duckdb/warehouse.js';
import { bucketOf, pidOf } from '../../src/core/identity/pid.js';

const folder = mkdtempSync(join(tmpdir(), 'matinee-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const warehouse = createWarehouse({ models: 'warehouse', memoryLimit: '1GB', threads: 2 });

describe('session', () => {
  test('pid_of and bucket_of in SQL equal their TypeScript twins', async () => {
    const key = Buffer.from('0123456789abcdef0123456789abcdef', 'hex');
    const ids = ['1', '42', 'Zoë', 'a'.repeat(128)];
    const rows = await warehouse.session(async (session) => {
      await setPidKey(session, key);
      return session.rows<{ pid: string; bucket: number }>(
        'SELECT pid_of(id)::VARCHAR AS pid, bucket_of(pid_of(id), 16) AS bucket FROM (SELECT unnest($ids) AS id)',
        { ids },
      );
    });
    expect(rows.map((row) => row.pid)).toEqual(ids.map((id) => pidOf(key, id)));
    expect(rows.map((row) => row.bucket)).toEqual(ids.map((id) => bucketOf(pidOf(key, id), 16)));
  });

  test('content hash ignores row order and threads, and sees a duplicated row', async () => {
    const hashOf = async (threads: number, select: string) =>
      warehouse.session(async (s) => (await s.copy(select, join(folder, 'h.parquet'))).sha256, { threads });
    const ascending = 'SELECT range AS x, range * 0.5 AS y FROM range(300000) ORDER BY x';
    const first = await hashOf(1, ascending);
    expect(await hashOf(2, ascending.replace('ORDER BY x', 'ORDER BY x DESC'))).toBe(first);
    expect(await hashOf(2, `SELECT * FROM (${ascending}) UNION ALL SELECT 1, 0.5`)).not.toBe(first);
  });

  test('content hash sees each kind of difference that DuckDB’s own hash of a row does not', async () => {
    const different = [
      'SELECT 0 AS x, 1 AS y',
      'SELECT 1 AS x, 0 AS y',
      'SELECT NULL::INTEGER AS x, 1 AS y',
      'SELECT 0::BIGINT AS x, 1 AS y',
      'SELECT 0 AS z, 1 AS y',
      'SELECT 0 AS x, 1 AS y UNION ALL SELECT 0, 0',
      'SELECT 0 AS x, 1 AS y WHERE false',
      'SELECT [0] AS x',
      'SELECT [0, 0] AS x',
      'SELECT []::INTEGER[] AS x',
      'SELECT [NULL]::INTEGER[] AS x',
      'SELECT NULL::INTEGER[] AS x',
      "SELECT {'a': 1, 'b': 2} AS x",
      "SELECT {'a': 2, 'b': 1} AS x",
    ];
    const hashes = await warehouse.session(async (s) => {
      const found: string[] = [];
      for (const select of different) found.push((await s.copy(select, join(folder, 'd.parquet'))).sha256);
      return found;
    });
    expect(new Set(hashes).size).toBe(different.length);
  });

  test('content hash is of rows, not of the folder they lie in', async () => {
    const hashIn = async (...folders: string[]) => {
      const into = join(folder, ...folders);
      mkdirSync(into, { recursive: true });
      return warehouse.session(async (s) => (await s.copy('SELECT 1 AS x', join(into, 'x.parquet'))).sha256);
    };
    expect(await hashIn('day=2026-01-01', 'v=a')).toBe(await hashIn('plain'));
  });

  test('a table is evaluated at once, append adds to it, and both survive their input', async () => {
    const models = join(folder, 'models');
    mkdirSync(join(models, 'macros'), { recursive: true });
    mkdirSync(join(models, 'features'));
    writeFileSync(join(models, 'features', 'numbers.sql'), "SELECT getvariable('n') AS n -- last line");
    const own = createWarehouse({ models, memoryLimit: '1GB', threads: 1 });
    const rows = await own.session(async (s) => {
      for (const n of [1, 2]) {
        await s.set('n', n, 'INTEGER');
        await s.append('features/numbers');
      }
      return [...(await s.rows('FROM numbers ORDER BY n')), ...(await s.rowsOf('features/numbers'))];
    });
    expect(rows).toEqual([{ n: 1 }, { n: 2 }, { n: 2 }]);
    const before = await own.fingerprint(['features/numbers']);
    writeFileSync(join(models, 'features', 'numbers.sql'), 'SELECT 7 AS n');
    expect(await own.fingerprint(['features/numbers'])).not.toBe(before);
  });

  test('stream hands over typed columns', async () => {
    let sum = 0;
    let rows = 0;
    await warehouse.session((session) =>
      session.stream(
        'SELECT range::INTEGER AS i, (range / 2)::DOUBLE AS d FROM range(10000)',
        ([i, d], n) => {
          for (let r = 0; r < n; r++) sum += i![r]! + d![r]!;
          rows += n;
        },
      ),
    );
    expect([rows, sum]).toEqual([10_000, (9999 * 10_000) / 2 + (9999 * 10_000) / 4]);
  });

  const LONG_QUERY = 'SELECT count(*) FROM range(1000000000000) t WHERE t.range % 7 = 3';

  test('an aborted session stops its query', async () => {
    const controller = new AbortController();
    const query = warehouse.session(
      (s) => {
        setTimeout(() => controller.abort(new Error('stop')), 50);
        return s.rows(LONG_QUERY);
      },
      { signal: controller.signal },
    );
    await expect(query).rejects.toThrow('stop');
  });

  test('a session that is aborted between two queries stops the next one', async () => {
    const controller = new AbortController();
    const query = warehouse.session(
      async (s) => {
        controller.abort(new Error('stop'));
        return s.rows(LONG_QUERY);
      },
      { signal: controller.signal },
    );
    await expect(query).rejects.toThrow('stop');
  });
});
