import { type DuckDBConnection, DuckDBInstance, type Json, StatementType } from '@duckdb/node-api';
import { type Catalogue, viewSql } from './catalogue.js';

export interface QueryResult {
  columns: string[];
  /** At most `maxRows` of them, as JSON values: 64-bit numbers, times and UUIDs are text. */
  rows: Json[][];
  /** Whether there were more. */
  isCut: boolean;
}

/** A query that is not one SELECT, or that DuckDB refuses; the message says why. */
export class QueryError extends Error {}

const READS = new Set<StatementType>([StatementType.SELECT, StatementType.EXPLAIN]);

/**
 * Runs one reading statement over the catalogue's views, locked down: files inside `root` only, no settings, no
 * extensions, nothing written. @throws QueryError
 */
export async function query(
  root: string,
  catalogue: Catalogue,
  sql: string,
  options: { maxRows: number; memoryLimit: string; threads: number },
): Promise<QueryResult> {
  const instance = await DuckDBInstance.create(':memory:', {
    threads: String(options.threads),
    memory_limit: options.memoryLimit,
  });
  const connection = await instance.connect();
  try {
    await connection.run("SET TimeZone = 'UTC'");
    for (const [name, files] of Object.entries(catalogue)) await connection.run(viewSql(name, files));
    // In this order: each of them closes the door that the next ones would come through.
    await connection.run('SET allowed_directories = [$root]', { root: `${root}/` });
    await connection.run('SET enable_external_access = false');
    await connection.run('SET lock_configuration = true');
    return await read(connection, sql, options.maxRows);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

async function read(connection: DuckDBConnection, sql: string, maxRows: number): Promise<QueryResult> {
  if (sql.trim() === '') throw new QueryError('expected one statement, got none');
  try {
    const statements = await connection.extractStatements(sql);
    if (statements.count !== 1) {
      throw new QueryError(`expected one statement, got ${statements.count}`);
    }
    const statement = await statements.prepare(0);
    if (!READS.has(statement.statementType)) {
      throw new QueryError(
        `only SELECT and EXPLAIN are allowed here, got ${StatementType[statement.statementType] ?? 'another'}`,
      );
    }
    const reader = await statement.streamAndReadUntil(maxRows + 1);
    const rows = reader.getRowsJson();
    return { columns: reader.columnNames(), rows: rows.slice(0, maxRows), isCut: rows.length > maxRows };
  } catch (error) {
    if (error instanceof QueryError) throw error;
    throw new QueryError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}
