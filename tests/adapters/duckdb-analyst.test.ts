import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { query } from '../../src/adapters/duckdb/analyst.js';
import { createAnalystViews, currentCatalogue, writeCatalogue } from '../../src/adapters/duckdb/catalogue.js';
import { asTable, registerSql } from '../../src/cli/sql.js';
import { testStore } from '../support/activity.js';
import { testFolder, warehouse, writeEvents, writeFilms } from '../support/warehouse-data.js';

const folder = testFolder();
afterAll(folder.remove);
// A quote in the path of a home must not end a file name early.
const root = folder.path("it's home");
const limits = { maxRows: 3, memoryLimit: '500MB', threads: 1 };
const store = testStore(root);

beforeAll(async () => {
  await warehouse.session(async (session) => {
    const put = (
      uri: string,
      name: string,
      write: (path: string) => Promise<unknown>,
      inputs: string[] = [],
    ) =>
      store.write(
        uri,
        { schema: 't', inputs: inputs.map((i) => ({ uri: i, sha256: 'x', rows: 0, bytes: 0, schema: 't' })) },
        async (into) => {
          await write(`${into}/${name}`);
          return { files: [{ path: name, sha256: 'x', rows: 0, bytes: 0 }] };
        },
      );
    const day = 'events/day=2026-01-01/v=x';
    await put(day, 'events.parquet', (path) =>
      writeEvents(
        session,
        path,
        Array.from({ length: 5 }, (_, i) => ({
          viewer: i,
          film: 'a',
          type: 'like',
          ts: '2026-01-01T10:00:00Z',
        })),
      ),
    );
    await put('runs/r1/stage/events', 'days.json', async () => {}, [day]);
    await put('runs/r1/extract/films', 'films.parquet', (path) =>
      writeFilms(session, path, [
        { film: 'a', runtime: 90 },
        { film: 'b', runtime: null },
      ]),
    );
    for (const bucket of ['00', '01']) {
      await put(`runs/r1/score/bucket-${bucket}`, 'lists.parquet', (path) =>
        session.copy(`SELECT 'p${bucket}' AS pid, 1 AS rank`, path),
      );
    }
  });
});

const ask = async (sql: string) => query(root, await currentCatalogue(store), sql, limits);

describe('matinee sql', () => {
  test('sees the newest run through views', async () => {
    expect(Object.keys(await currentCatalogue(store)).sort()).toEqual(['events', 'films', 'lists']);
    expect((await ask('SELECT count(*)::INTEGER AS n FROM events JOIN films USING (film_id)')).rows).toEqual([
      [5],
    ]);
    expect((await ask('SELECT pid FROM lists ORDER BY pid')).rows).toEqual([['p00'], ['p01']]);
    expect((await ask('SHOW TABLES')).rows).toHaveLength(3);
  });

  test('says when rows are cut', async () => {
    const many = await ask('SELECT pid FROM events');
    expect([many.rows.length, many.isCut]).toEqual([3, true]);
    expect(asTable(many)).toContain('first 3 rows; there are more');
    expect((await ask('SELECT pid FROM events LIMIT 3')).isCut).toBe(false);
    expect((await ask('SELECT range FROM range(100000)')).rows).toHaveLength(3);
  });

  test.each([
    [
      'writing',
      `COPY (SELECT 1) TO '${root.replaceAll("'", "''")}/x.csv'`,
      'only SELECT and EXPLAIN are allowed here, got COPY',
    ],
    ['deleting a view', 'DROP VIEW events', 'got DROP'],
    ['two statements', 'SELECT 1; SELECT 2', 'expected one statement, got 2'],
    ['none', ' ', 'expected one statement, got none'],
    ['settings', 'SET threads = 8', 'got SET'],
    ['attaching', "ATTACH '/tmp/x.db'", 'got ATTACH'],
    ['other files', "SELECT * FROM read_text('/etc/passwd')", 'Permission Error'],
    [
      'other files by a detour',
      `SELECT * FROM read_text('${root.replaceAll("'", "''")}/../../../etc/passwd')`,
      'Permission Error',
    ],
    ['the environment', "SELECT getenv('HOME')", 'Error'],
    ['a wrong name', 'SELECT nope FROM events', 'nope'],
  ])('refuses %s', async (_, sql, message) => {
    await expect(ask(sql)).rejects.toThrow(message);
    expect(existsSync(`${root}/x.csv`)).toBe(false);
  });

  test('prints an aligned table, numbers to the right', () => {
    const rows = [
      ['Heat', 9],
      ['Ran', 120],
      [null, 1.5],
    ];
    expect(asTable({ columns: ['title', 'n'], rows, isCut: false })).toBe(
      ['title    n', '-----  ---', 'Heat     9', 'Ran    120', '       1.5', '', '3 rows', ''].join('\n'),
    );
    expect(asTable({ columns: ['x'], rows: [['a'.repeat(90)]], isCut: false })).toContain(
      `${'a'.repeat(59)}…`,
    );
  });

  test('the command prints JSON, and one clear line when it fails', async () => {
    const run = async (...args: string[]) => {
      const out: string[] = [];
      const err: string[] = [];
      const write = vi
        .spyOn(process.stdout, 'write')
        .mockImplementation((text) => out.push(String(text)) > 0);
      const program = new Command().exitOverride().configureOutput({ writeErr: (text) => err.push(text) });
      registerSql(program);
      for (const command of program.commands)
        command.exitOverride().configureOutput({ writeErr: (text) => err.push(text) });
      vi.stubEnv('WAREHOUSE_URL', new URL(`file://${root.replaceAll(' ', '%20')}`).href);
      const failed = await program.parseAsync(['sql', ...args], { from: 'user' }).then(
        () => false,
        () => true,
      );
      write.mockRestore();
      vi.unstubAllEnvs();
      return { out: out.join(''), err: err.join(''), failed };
    };
    const json = await run('SELECT film_id, runtime_min FROM films ORDER BY film_id', '--json');
    expect(JSON.parse(json.out)).toEqual([
      { film_id: 'a', runtime_min: 90 },
      { film_id: 'b', runtime_min: null },
    ]);
    const wrong = await run('DROP VIEW films');
    expect(wrong).toMatchObject({ failed: true, out: '' });
    expect(wrong.err).toMatch(/^the query failed: only SELECT .* \(views: .*films.*\)\n$/);
  });
});

describe('warehouse.duckdb', () => {
  test('is a file of views that any DuckDB opens, replaced under whoever reads it', async () => {
    const analysts = createAnalystViews(store);
    await analysts.refresh();
    const file = join(root, 'warehouse.duckdb');
    const count = () =>
      warehouse.session(async (session) => {
        await session.run(`ATTACH '${file.replaceAll("'", "''")}' AS w (READ_ONLY)`);
        const [row] = await session.rows<{ n: number }>('SELECT count(*)::INTEGER AS n FROM w.events');
        const during = await writeCatalogue(file, { films: [] as string[] }).catch((error: unknown) =>
          String(error),
        );
        await analysts.refresh();
        const [again] = await session.rows<{ n: number }>('SELECT count(*)::INTEGER AS n FROM w.events');
        return [row?.n, again?.n, during === undefined ? 'replaced' : 'refused'];
      });
    expect(await count()).toEqual([5, 5, 'refused']);
    expect(readdirSync(root).filter((name) => name.includes('.tmp-'))).toEqual([]);
  });

  test('an empty warehouse has no views', async () => {
    mkdirSync(folder.path('empty'), { recursive: true });
    writeFileSync(folder.path('empty/note'), '');
    expect(await currentCatalogue(testStore(folder.path('empty')))).toEqual({});
  });
});
