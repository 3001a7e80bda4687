import { permanentFailure } from '../../activities/failures.js';
import type { Session } from '../../activities/deps.js';

/** A file of rows, everything read as text. */
export interface TableSpec {
  path: string;
  format: 'csv' | 'ndjson' | 'parquet';
  delimiter: string;
  encoding: 'utf-8' | 'latin-1';
  /** Layouts that never quote (MovieLens .dat, u.item) would lose lines that begin with a quotation mark. */
  isQuoted: boolean;
  /** Names of the columns; null: the first line has them. */
  names: readonly string[] | null;
}

/**
 * An opened table as SQL parts. Their column names travel in variables and their columns are addressed by position, so
 * no text from a file or a config ever becomes SQL.
 */
export interface Table {
  columns: string[];
  from: string;
  /** Their column at a position, as text. */
  cell(index: number): string;
  /** Some of their columns as one value; `name` is for the variable that keeps their names. */
  pack(name: string, indices: number[]): Promise<Packed>;
  /** SELECT line, raw, reason of lines that could not be split. Complete once the table has been read to its end. */
  rejects: string;
}

/** A value that is cheap to carry along with a row, and the JSON (names and texts) to make of it where it is wanted. */
export interface Packed {
  value: string;
  json(value: string): string;
}

const NO_REJECTS = 'SELECT NULL::BIGINT AS line, NULL::VARCHAR AS raw, NULL::VARCHAR AS reason WHERE false';
const KEEP_REJECTS =
  "store_rejects = true, rejects_limit = 0, rejects_table = 'source_errors', rejects_scan = 'source_scans'";
/** The reader reports a bad line once per missing column and per scan. */
const READER_REJECTS = `
  SELECT line::BIGINT AS line, any_value(csv_line) AS raw, CASE min(error_type::VARCHAR)
    WHEN 'MISSING COLUMNS' THEN 'line:truncated' WHEN 'TOO MANY COLUMNS' THEN 'line:too-many-columns'
    WHEN 'UNQUOTED VALUE' THEN 'line:bad-quotes' WHEN 'INVALID ENCODING' THEN 'line:not-utf-8'
    ELSE 'line:unreadable' END AS reason
  FROM source_errors GROUP BY line`;
/** Whole lines as one column; callers close the parenthesis. */
const LINE = `read_csv(getvariable('source_file'), header = false, auto_detect = false, delim = chr(1), quote = '',
  escape = '', columns = {'line': 'VARCHAR'}`;

/** Opens a table in a session; one at a time, as its variables and reject tables have fixed names. */
export async function openTable(session: Session, spec: TableSpec): Promise<Table> {
  await session.set('source_file', spec.path);
  await session.run('DROP TABLE IF EXISTS source_errors; DROP TABLE IF EXISTS source_scans');
  switch (spec.format) {
    case 'csv':
      return openCsv(session, spec);
    case 'ndjson':
      return openNdjson(session);
    case 'parquet':
      return openParquet(session);
  }
}

async function openCsv(session: Session, spec: TableSpec): Promise<Table> {
  const columns = distinctNames(spec.names ?? (await headerOf(session, spec)));
  if (columns.length === 0)
    throw permanentFailure('InputInvalid', `${spec.path} is empty: expected a line with column names`);
  await session.set('source_delimiter', spec.delimiter);
  const quoting = spec.isQuoted ? `quote = '"', escape = '"'` : `quote = '', escape = ''`;
  const types = columns.map((_, i) => `'c${i}': 'VARCHAR'`);
  const from = `read_csv(getvariable('source_file'), header = ${spec.names === null}, auto_detect = false,
      delim = getvariable('source_delimiter'), ${quoting}, encoding = '${spec.encoding}', columns = {${types.join(', ')}},
      ${KEEP_REJECTS})`;
  await session.run(`SELECT c0 FROM ${from} LIMIT 1`); // the reader makes its reject tables when it first runs
  return {
    ...byPosition(session, columns),
    from,
    rejects: READER_REJECTS,
  };
}

async function headerOf(session: Session, spec: TableSpec): Promise<string[]> {
  const [first] = await session.rows<{ line: string }>(
    `FROM ${LINE}, encoding = '${spec.encoding}', ignore_errors = true) LIMIT 1`,
  );
  if (first === undefined) return [];
  return splitLine(first.line.replace(/^\uFEFF/, ''), spec.delimiter, spec.isQuoted).map((name) =>
    name.trim(),
  );
}

/** Splits one line of delimited text; "" inside quotes is a quotation mark. */
export function splitLine(line: string, delimiter: string, isQuoted: boolean): string[] {
  if (!isQuoted) return line.split(delimiter);
  const cells: string[] = [];
  let cell = '';
  let isInside = false;
  for (let i = 0; i < line.length; i++) {
    const character = line[i]!;
    if (character === '"') {
      if (isInside && line[i + 1] === '"') cell += line[++i]!;
      else isInside = !isInside;
    } else if (!isInside && line.startsWith(delimiter, i)) {
      cells.push(cell);
      cell = '';
      i += delimiter.length - 1;
    } else {
      cell += character;
    }
  }
  return [...cells, cell];
}

/** One JSON object a line. Objects may differ in their keys, so finding the columns reads the file once. */
async function openNdjson(session: Session): Promise<Table> {
  const keys = await session.rows<{ key: string }>(
    `SELECT DISTINCT unnest(json_keys(line)) AS key
     FROM (SELECT line FROM ${LINE}, ${KEEP_REJECTS}) WHERE ${isObject('line')}) ORDER BY key`,
  );
  const columns = keys.map(({ key }) => key);
  await session.set('source_paths', ['$', ...columns.map(jsonPath)]);
  return {
    columns,
    from: `(SELECT line FROM ${LINE}, ${KEEP_REJECTS}) WHERE ${isObject('line')})`,
    cell: (i) => `json_extract_string(line, getvariable('source_paths')[${i + 2}])`,
    pack: packLine(session, columns),
    rejects: `
      SELECT n AS line, line AS raw,
        CASE WHEN ends_with(trim(line), '}') THEN 'line:malformed' ELSE 'line:truncated' END AS reason
      FROM (SELECT line, row_number() OVER () AS n FROM ${LINE}, ${KEEP_REJECTS}))
      WHERE line IS NOT NULL AND NOT ${isObject('line')}
      UNION ALL ${READER_REJECTS}`,
  };
}

const isObject = (text: string) =>
  `(json_valid(${text}) AND coalesce(CASE WHEN json_valid(${text}) THEN json_type(${text}) END, '') = 'OBJECT')`;

async function openParquet(session: Session): Promise<Table> {
  const described = await session.rows<{ column_name: string; column_type: string }>(
    `DESCRIBE FROM read_parquet(getvariable('source_file'))`,
  );
  const columns = described.map(({ column_name }) => column_name);
  const isNested = (i: number) => /\[|\(/.test(described[i]?.column_type.replace(/^DECIMAL\(.*$/, '') ?? '');
  const aliases = columns.map((_, i) => `p${i}`);
  const cells = columns.map((_, i) => `${isNested(i) ? `to_json(p${i})` : `p${i}`}::VARCHAR AS c${i}`);
  return {
    ...byPosition(session, columns),
    from: `(SELECT ${cells.join(', ')} FROM read_parquet(getvariable('source_file')) AS t (${aliases.join(', ')}))`,
    rejects: NO_REJECTS,
  };
}

/** Rows that are JSON objects already, in column `fields` of a relation: what the quarantine keeps. */
export async function openFields(session: Session, relation: string): Promise<Table> {
  const keys = await session.rows<{ key: string }>(
    `SELECT DISTINCT unnest(json_keys(fields)) AS key FROM ${relation} ORDER BY key`,
  );
  const columns = keys.map(({ key }) => key);
  await session.set('source_paths', ['$', ...columns.map(jsonPath)]);
  return {
    columns,
    // The id behind a pid, while the viewer exists: the quarantine itself holds none.
    from: `(SELECT q.pid, q.fields AS line, viewers_now.user_id FROM ${relation} AS q LEFT JOIN viewers_now ON viewers_now.pid = q.pid)`,
    cell: (i) => `json_extract_string(line, getvariable('source_paths')[${i + 2}])`,
    pack: packLine(session, columns),
    rejects: NO_REJECTS,
  };
}

const jsonPath = (key: string) => `$."${key.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;

/** The line itself is the packed value; a merge patch of nulls takes the other keys out of it (RFC 7386). */
function packLine(session: Session, columns: string[]): Table['pack'] {
  return async (name, indices) => {
    const others = columns.filter((_, i) => !indices.includes(i));
    if (others.length === 0) return { value: 'line', json: (value) => value };
    await session.set(`${name}_patch`, JSON.stringify(Object.fromEntries(others.map((key) => [key, null]))));
    return {
      value: 'line',
      json: (value) => `nullif(json_merge_patch(${value}, getvariable('${name}_patch'))::VARCHAR, '{}')`,
    };
  };
}

function byPosition(session: Session, columns: string[]): Pick<Table, 'columns' | 'cell' | 'pack'> {
  return {
    columns,
    cell: (i) => `c${i}`,
    async pack(name, indices) {
      if (indices.length === 0) return { value: 'NULL', json: () => 'NULL::VARCHAR' };
      await session.set(
        `${name}_names`,
        indices.map((i) => columns[i] ?? ''),
      );
      return {
        value: `{${indices.map((i) => `'c${i}': c${i}`).join(', ')}}`,
        json: (value) =>
          `to_json(map(getvariable('${name}_names'), json_extract_string(to_json(${value}), '$.*')))::VARCHAR`,
      };
    },
  };
}

/** A header that says a name twice still names each column. */
function distinctNames(names: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return names.map((name) => {
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    return count === 1 ? name : `${name}_${count}`;
  });
}
