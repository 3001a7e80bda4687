import type { Session } from '../../activities/deps.js';
import { COLUMNS, type Mapping, mapColumns } from './columns.js';
import { type Table, openFields, openTable, type TableSpec } from './tables.js';

/** Keys of a quarantined row's fields that are no columns: what it had before, and could not get again. */
const CARRIED = ['_source', '_extra', '_session'] as const;

/**
 * Puts a file into a session as three things that the models of warehouse/extract read:
 * - view `source_rows`: our columns as text, `pid` (NULL), `extra` (JSON of columns unknown to us), `cells` (packed), and
 *   `carried_source`, `carried_extra`, `carried_session` (NULL; of a quarantined row, what it had before);
 * - macro `fields_of(cells)`: the row as JSON under the file's own names, without the viewer's id, and with the opaque
 *   form of `session_id` in place of the session's;
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
  const unknown = mapped.unknown.filter((i) => !CARRIED.some((name) => i === carried(name)));
  const kept = table.columns.flatMap((_, i) =>
    i === index['user_id'] || i === index['session_id'] ? [] : [i],
  );
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
      ${CARRIED.map((name) => `${text(carried(name))} AS carried${name}`).join(', ')},
      ${unknown.length === 0 ? 'NULL::VARCHAR' : extra.json(extra.value)} AS extra, ${cells.value} AS cells
    FROM ${table.from}`);
  const fields = cells.json('cells');
  await session.run(
    `CREATE OR REPLACE TEMP MACRO fields_of(cells, session_id := NULL::VARCHAR) AS
     ${isQuarantined ? fields : `with_session(${fields}, session_id)`}`,
  );
  await session.run(`CREATE OR REPLACE TEMP VIEW source_rejects AS ${table.rejects}`);
  return unknown.map((i) => table.columns[i] ?? '');
}
