import type { DuckDBConnection } from '@duckdb/node-api';
import { sha256 } from '../../core/identity/hash.js';

/**
 * Hash of a Parquet file's rows that depends on nothing else: not on file layout, row order or threads (decision 024).
 * It is of: names and types of the columns, number of rows, and the sums over all rows of two 64-bit hashes of the row.
 * 1. Sums, not XOR, so that a duplicated row shows.
 * 2. DuckDB hashes 0 to 0 and `[]`, `[NULL]` and NULL to one number: the second hash starts from a word, and nested values are
 *    hashed as text.
 * 3. Columns named `c0…` by position: no name of a file becomes SQL. Folders named `day=…` are no columns.
 */
export async function contentHash(
  connection: DuckDBConnection,
  path: string,
): Promise<{ sha256: string; rows: number }> {
  await connection.run('SET VARIABLE hashed_file = $path', { path });
  const file = `read_parquet(getvariable('hashed_file'), hive_partitioning = false)`;
  const described = await connection.runAndReadAll(`DESCRIBE FROM ${file}`);
  const columns = described.getRowObjectsJson() as { column_name: string; column_type: string }[];
  const names = columns.map((_, i) => `c${i}`);
  const cells = columns.map(({ column_type }, i) => (isNested(column_type) ? `c${i}::VARCHAR` : `c${i}`));
  const reader = await connection.runAndReadAll(
    `SELECT count(*)::VARCHAR AS n,
            coalesce(sum(hash(${cells.join(', ')})::HUGEINT), 0)::VARCHAR AS first,
            coalesce(sum(hash('second', ${cells.join(', ')})::HUGEINT), 0)::VARCHAR AS second
     FROM ${file} AS t (${names.join(', ')})`,
  );
  const [row] = reader.getRowObjectsJson() as { n: string; first: string; second: string }[];
  if (row === undefined) throw new Error(`no content hash for ${path}`);
  const schema = columns.map(({ column_name, column_type }) => [column_name, column_type]);
  return {
    sha256: sha256(JSON.stringify([schema, row.n, row.first, row.second])),
    rows: Number(row.n),
  };
}

/** Lists, structs and maps; `DECIMAL(9,2)` is none. */
const isNested = (type: string) => /\]$|^(STRUCT|MAP|UNION)/.test(type);
