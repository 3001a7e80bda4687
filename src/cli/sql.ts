import type { Command } from 'commander';
import { readOnlyArtifacts } from '../adapters/artifacts/artifact-store.js';
import { query, QueryError, type QueryResult } from '../adapters/duckdb/analyst.js';
import { currentCatalogue } from '../adapters/duckdb/catalogue.js';
import { loadSettings } from '../config.js';

/** Rows of a printed table, and characters of a cell: what a terminal shows without scrolling away. */
const MAX_ROWS = 40;
const MAX_CELL = 60;
/** --json is for programs, which may want all of it; still bounded, because it is held in memory. */
const MAX_JSON_ROWS = 1_000_000;

export function registerSql(program: Command): void {
  program
    .command('sql')
    .description(
      'query the warehouse, read-only: events, films, viewers, interactions, mart_weighted_rating, lists …',
    )
    .argument('<query>', 'one SELECT in DuckDB SQL; SHOW TABLES lists the views')
    .option('--json', 'print an array of objects')
    .action(async (sql: string, options: { json?: boolean }, command: Command) => {
      const { warehouse, config } = loadSettings();
      const catalogue = await currentCatalogue(readOnlyArtifacts(warehouse));
      if (Object.keys(catalogue).length === 0) {
        command.error(`no night has run in ${warehouse} yet: start one with "matinee nightly --wait"`);
      }
      try {
        const limits = { maxRows: options.json === true ? MAX_JSON_ROWS : MAX_ROWS, ...config.warehouse };
        const result = await query(warehouse, catalogue, sql, limits);
        process.stdout.write(options.json === true ? asJson(result) : asTable(result));
        if (options.json === true && result.isCut) {
          process.stderr.write(`cut after ${MAX_JSON_ROWS} rows; add a LIMIT or a WHERE\n`);
        }
      } catch (error) {
        if (!(error instanceof QueryError)) throw error;
        command.error(`the query failed: ${error.message} (views: ${Object.keys(catalogue).join(', ')})`);
      }
    });
}

export function asJson({ columns, rows }: QueryResult): string {
  const objects = rows.map((row) => Object.fromEntries(columns.map((column, i) => [column, row[i] ?? null])));
  return `${JSON.stringify(objects, null, 2)}\n`;
}

/** Columns aligned, numbers to the right; says how many rows there are, or that there are more. */
export function asTable({ columns, rows, isCut }: QueryResult): string {
  const cells = rows.map((row) => columns.map((_, i) => cell(row[i])));
  const widths = columns.map((column, i) =>
    Math.max(column.length, ...cells.map((row) => row[i]?.length ?? 0)),
  );
  const isNumber = columns.map(
    (_, i) => rows.length > 0 && rows.every((row) => /^-?[\d.]*$/.test(cell(row[i]))),
  );
  const line = (row: string[]) =>
    row
      .map((text, i) => (isNumber[i] === true ? text.padStart(widths[i] ?? 0) : text.padEnd(widths[i] ?? 0)))
      .join('  ')
      .trimEnd();
  const end = isCut
    ? `first ${rows.length} rows; there are more: add a LIMIT or a WHERE, or --json`
    : `${rows.length} ${rows.length === 1 ? 'row' : 'rows'}`;
  return [line(columns), line(widths.map((w) => '-'.repeat(w))), ...cells.map(line), '', end, ''].join('\n');
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return '';
  const text = (typeof value === 'string' ? value : JSON.stringify(value)).replaceAll(/\s+/g, ' ');
  return text.length > MAX_CELL ? `${text.slice(0, MAX_CELL - 1)}…` : text;
}
