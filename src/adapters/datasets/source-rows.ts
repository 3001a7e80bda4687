import type { Session } from '../../activities/deps.js';
import { COLUMNS, type Mapping, mapColumns } from './columns.js';
import { type Table, openFields, openTable, type TableSpec } from './tables.js';

/**
 * Puts a file into a session as three things that the models of warehouse/extract read:
 * - view `source_rows`: our columns as text, `pid` (NULL), `extra` (JSON of columns unknown to us), `cells` (packed), and
 *   `carried_source`, `carried_extra` (NULL; of a quarantined row, what it had before);
 * - macro `fields_of(cells)`: the row as JSON under the file's own names, without the viewer's id;
 * - view `source_rejects`: line, raw, reason of lines that could not be split; complete after `source_rows` was read.
 * Returns the names of columns that are unknown to us.
 */
export async function openSourceRows(session: Session, mapping: Mapping, spec: TableSpec): Promise<string[]> {
  return define(session, mapping, await openTable(session, spec), spec.path, false);
}

/** The same over quarantined rows: relation with `fields` (JSON, the viewer's id left out) and `pid`. */
export async function openQuarantinedRows(
  session: Session,
  mapping: Mapping,
  relation: string,
): Promise<void> {
  const table = await openFields(session, relation);
  // Fields that no quarantined row has, the viewer's id among them: their position is past the last path, so NULL.
  const wanted = COLUMNS[mapping.kind].required.map((ours) => mapping.columns[ours] ?? ours);
  const missing = [...wanted, ...Object.values(mapping.columns)].filter(
    (name) => !table.columns.includes(name),
  );
  const columns = [...table.columns, ...new Set(missing)];
  await define(session, mapping, { ...table, columns }, 'the quarantine', true);
}

async function define(
  session: Session,
  mapping: Mapping,
  table: Table,
  file: string,
  isQuarantined: boolean,
): Promise<string[]> {
  const mapped = mapColumns(mapping, table.columns, file);
  const { index } = mapped;
  const carried = (name: string) => (isQuarantined ? table.columns.indexOf(name) : -1);
  const unknown = mapped.unknown.filter((i) => i !== carried('_source') && i !== carried('_extra'));
  const kept = table.columns.flatMap((_, i) => (i === index['user_id'] ? [] : [i]));
  const cells = isQuarantined
    ? { value: 'line', json: (line: string) => line }
    : await table.pack('cells', kept);
  const extra = await table.pack('extra', unknown);
  const text = (i: number | null) => (i === null || i < 0 ? 'NULL::VARCHAR' : table.cell(i));
  const ours = COLUMNS[mapping.kind].all.map((column) =>
    isQuarantined && column === 'user_id' ? 'user_id' : `${text(index[column] ?? null)} AS ${column}`,
  );
  await session.run(`
    CREATE OR REPLACE TEMP VIEW source_rows AS
    SELECT ${ours.join(', ')}, ${isQuarantined ? 'pid' : 'NULL::UUID'} AS pid,
      ${text(carried('_source'))} AS carried_source, ${text(carried('_extra'))} AS carried_extra,
      ${unknown.length === 0 ? 'NULL::VARCHAR' : extra.json(extra.value)} AS extra, ${cells.value} AS cells
    FROM ${table.from}`);
  await session.run(`CREATE OR REPLACE TEMP MACRO fields_of(cells) AS ${cells.json('cells')}`);
  await session.run(`CREATE OR REPLACE TEMP VIEW source_rejects AS ${table.rejects}`);
  return unknown.map((i) => table.columns[i] ?? '');
}
