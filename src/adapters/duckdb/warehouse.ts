import { readFile, readdir, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import {
  type DuckDBConnection,
  DuckDBInstance,
  type DuckDBValue,
  listValue,
  version,
} from '@duckdb/node-api';
import type { ColumnChunk, Session, SqlValue, Warehouse } from '../../activities/deps.js';
import { sha256 } from '../../core/identity/hash.js';
import { contentHash } from './content-hash.js';
import { setPidKey } from './pid-variables.js';
import { makeSpill, sweepSpills } from './spill.js';

/** Delta encodings of v2 with the quickest zstd: a fifth less CPU than the defaults, and a tenth smaller (measured on events). */
const PARQUET = '(FORMAT parquet, PARQUET_VERSION v2, COMPRESSION zstd, COMPRESSION_LEVEL 1)';

export interface WarehouseOptions {
  /** Folder of the SQL models: one file, one model, one SELECT. */
  models: string;
  memoryLimit: string;
  threads: number;
}

/** Of the library, e.g. v1.5.5. */
export const duckdbVersion = (): string => version();

/** In-memory DuckDB per piece of work: any number of processes read and write Parquet side by side (design 3). */
export function createWarehouse(options: WarehouseOptions): Warehouse {
  let swept: Promise<void> | undefined;
  return {
    async fingerprint(models) {
      const texts = [...(await macroFiles(options.models)), ...models.map((model) => `${model}.sql`)].map(
        async (file) => `${file}\0${await readFile(join(options.models, file), 'utf8')}`,
      );
      return sha256((await Promise.all(texts)).join('\0'));
    },
    async session(work, { threads = options.threads, signal } = {}) {
      signal?.throwIfAborted();
      await (swept ??= sweepSpills());
      const spill = await makeSpill();
      const instance = await DuckDBInstance.create(':memory:', {
        threads: String(threads),
        memory_limit: options.memoryLimit,
        temp_directory: spill,
      });
      const connection = await instance.connect();
      const stopInterrupting = interruptOnAbort(connection, signal);
      try {
        await connection.run("SET TimeZone = 'UTC'");
        await loadMacros(connection, options.models);
        return await work(createSession(connection, options.models));
      } catch (error) {
        signal?.throwIfAborted();
        throw error;
      } finally {
        stopInterrupting();
        connection.closeSync();
        instance.closeSync();
        await rm(spill, { recursive: true, force: true });
      }
    },
  };
}

const INTERRUPT_EVERY_MS = 50;

/** DuckDB forgets an interrupt that finds no query running, so it is repeated until the work has heard of it. */
function interruptOnAbort(connection: DuckDBConnection, signal: AbortSignal | undefined): () => void {
  let timer: NodeJS.Timeout | undefined;
  const begin = () => {
    connection.interrupt();
    timer = setInterval(() => connection.interrupt(), INTERRUPT_EVERY_MS);
  };
  if (signal?.aborted) begin();
  else signal?.addEventListener('abort', begin, { once: true });
  return () => {
    signal?.removeEventListener('abort', begin);
    clearInterval(timer);
  };
}

async function macroFiles(models: string): Promise<string[]> {
  const files = (await readdir(join(models, 'macros'))).filter((file) => file.endsWith('.sql')).sort();
  return files.map((file) => join('macros', file));
}

async function loadMacros(connection: DuckDBConnection, models: string): Promise<void> {
  for (const file of await macroFiles(models))
    await connection.run(await readFile(join(models, file), 'utf8'));
}

/** The only text that is ever put into SQL: names of views, variables, columns and types, from code, never from data. */
function identifier(name: string): string {
  if (!/^[a-z_][a-z0-9_]*$/i.test(name)) throw new Error(`not a plain SQL name: ${name}`);
  return name;
}

function columnType(type: string): string {
  if (!/^[a-z]+(\(\d+(,\d+)?\))?(\[\])?$/i.test(type)) throw new Error(`not a plain SQL type: ${type}`);
  return type;
}

const toDuck = (value: SqlValue): DuckDBValue => (Array.isArray(value) ? listValue(value) : value);
const toParams = (params: Record<string, SqlValue>) =>
  Object.fromEntries(Object.entries(params).map(([key, value]) => [key, toDuck(value)]));

function createSession(connection: DuckDBConnection, models: string): Session {
  // A file's last line may be a comment, and a trailing semicolon would end the statement it is put into.
  const readModel = async (model: string) =>
    (await readFile(join(models, `${model}.sql`), 'utf8')).trim().replace(/;$/, '');

  const run = async (sql: string, params?: Record<string, SqlValue>) => {
    await connection.run(sql, params && toParams(params));
  };

  const rows = async <T>(sql: string, params?: Record<string, SqlValue>): Promise<T[]> => {
    const result = await connection.run(sql, params && toParams(params));
    const found: T[] = [];
    // chunk by chunk, with a turn of the event loop between two: a catalogue's rows take a second to convert
    for await (const chunk of result.yieldRowObjectJson()) found.push(...(chunk as T[]));
    return found;
  };

  const copy: Session['copy'] = async (select, path, params = {}) => {
    await connection.run(`COPY (${select}\n) TO $copy_to ${PARQUET}`, {
      ...toParams(params),
      copy_to: path,
    });
    const content = await contentHash(connection, path);
    return { path: basename(path), ...content, bytes: (await stat(path)).size };
  };

  const session: Session = {
    run,
    rows,
    copy,
    usePidKey: ({ key }) => setPidKey(session, key),
    async set(name, value, type) {
      const cast = type === undefined ? '$value' : `CAST($value AS ${columnType(type)})`;
      await run(`SET VARIABLE ${identifier(name)} = ${cast}`, { value });
    },
    async view(name, files, columns) {
      if (files.length > 0) {
        // Pinned: a view over a glob would change under a running model. The variable carries the paths, no text does.
        const variable = `files_of_${identifier(name)}`;
        await connection.run(`SET VARIABLE ${variable} = $files`, { files: listValue(files) });
        await run(
          `CREATE OR REPLACE TEMP VIEW ${identifier(name)} AS
           FROM read_parquet(getvariable('${variable}'), union_by_name = true, hive_partitioning = false)`,
        );
        return;
      }
      if (columns === undefined) throw new Error(`view ${name}: no files and no columns given`);
      const nulls = Object.entries(columns).map(
        ([c, t]) => `CAST(NULL AS ${columnType(t)}) AS "${identifier(c)}"`,
      );
      await run(`CREATE OR REPLACE TEMP VIEW ${identifier(name)} AS SELECT ${nulls.join(', ')} WHERE false`);
    },
    async model(model) {
      await run(`CREATE OR REPLACE TEMP VIEW ${identifier(basename(model))} AS ${await readModel(model)}`);
    },
    async table(model) {
      await run(`CREATE OR REPLACE TEMP TABLE ${identifier(basename(model))} AS ${await readModel(model)}`);
    },
    async append(model) {
      const name = identifier(basename(model));
      const select = await readModel(model);
      await run(`CREATE TEMP TABLE IF NOT EXISTS ${name} AS SELECT * FROM (${select}\n) WHERE false`);
      await run(`INSERT INTO ${name} ${select}`);
    },
    async rowsOf<T>(model: string) {
      return rows<T>(await readModel(model));
    },
    async copyModel(model, path) {
      return copy(await readModel(model), path);
    },
    async stream(sql, onChunk) {
      const result = await connection.stream(sql);
      for (;;) {
        const chunk = await result.fetchChunk();
        if (chunk === null || chunk.rowCount === 0) return;
        const columns: ColumnChunk[] = [];
        for (let c = 0; c < chunk.columnCount; c++) {
          // `items` is private in the .d.ts and 3x faster than the public getters (measured); a test guards it.
          const vector = chunk.getColumnVector(c) as unknown as { items: ColumnChunk };
          columns.push(vector.items.subarray(0, chunk.rowCount) as ColumnChunk);
        }
        onChunk(columns, chunk.rowCount);
      }
    },
  };
  return session;
}
